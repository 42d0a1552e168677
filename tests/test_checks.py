import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from smearflow.checks import SuiteResult, require, run_suite
from smearflow.ground.errors import SmearflowError
from smearflow.records.validation import Counts


def expectation(type: str, severity: str = "critical", **kwargs: Any) -> dict[str, Any]:
    return {"type": type, "severity": severity, "kwargs": kwargs}


def write_suite(folder: Path, *expectations: dict[str, Any]) -> Path:
    suite = {"name": "own", "meta": {"row": "cell_id"}, "expectations": list(expectations)}
    (folder / "own.json").write_text(json.dumps(suite))
    return folder / "own.json"


TABLE = pd.DataFrame(
    {
        "cell_id": ["e", "d", "c", "b", "a"],
        "mode": ["RGB", "L", "L", "RGB", None],
        "width": [50, 0, 600, 70, 80],
    }
)
POSITIVE_WIDTH = {
    "type": "comparison",
    "column": {"name": "width"},
    "operator": ">",
    "parameter": 0,
}


def test_findings_name_the_failing_rows_in_the_order_of_the_suite(tmp_path: Path) -> None:
    suite = write_suite(
        tmp_path,
        expectation("expect_table_row_count_to_be_between", min_value=1),
        expectation("expect_column_values_to_be_unique", column="absent"),
        expectation(
            "expect_column_values_to_be_in_set", "warning", column="mode", value_set=["RGB"]
        ),
        expectation("expect_column_values_to_not_be_null", column="mode", mostly=0.7),
        expectation(
            "expect_column_values_to_be_between",
            column="width",
            max_value=100,
            row_condition=POSITIVE_WIDTH,
        ),
        expectation(
            "expect_column_distinct_values_to_contain_set", column="mode", value_set=["RGB", "P"]
        ),
    )
    result = run_suite(TABLE, suite)
    found = [
        (each.success, each.severity, each.column, each.failing, each.failing_count)
        for each in result.findings
    ]
    assert found == [
        (True, "critical", None, (), 0),
        (False, "critical", "absent", (), 0),
        (False, "warning", "mode", ("c", "d"), 2),
        (True, "critical", "mode", ("a",), 1),
        (False, "critical", "width", ("c",), 1),
        (False, "critical", "mode", (), 0),
    ]
    observed = [each.observed for each in result.findings]
    assert observed[0] == 5
    assert 'column "absent"' in str(observed[1])
    assert observed[2:] == ["2 of 5 rows", "1 of 5 rows", "1 of 4 rows", "missing: P"]
    assert not result.success
    report = result.noted(1)
    assert report.statistics == Counts(evaluated=6, failed_critical=3, failed_warning=1)
    assert report.expectations[2].failing == ("c",)


def test_results_are_the_same_every_time_and_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    suite = write_suite(
        tmp_path, expectation("expect_column_values_to_be_unique", column="cell_id")
    )
    page = tmp_path / "docs" / "index.html"
    texts = {
        json.dumps(run_suite(TABLE, suite, page=page).noted(5).model_dump(), allow_nan=False)
        for _ in range(2)
    }
    assert len(texts) == 1
    text = page.read_text()
    assert "values must be unique" in text
    fetched = re.findall(r"<(?:script|link|img)[^>]*http|url\('http", text)
    assert not fetched, "Great Expectations' pages fetch what smearflow/checks.py does not take out"
    assert capfd.readouterr().err == "", "Great Expectations shows bars smearflow/checks.py put off"
    assert not list(temporary.iterdir())


def test_warnings_do_not_stop_and_criticals_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_set = {"column": "mode", "value_set": ["RGB"]}
    page = Path("docs/index.html")

    def result(severity: str) -> SuiteResult:
        return run_suite(
            TABLE,
            write_suite(
                tmp_path,
                expectation("expect_column_values_to_be_in_set", severity, **in_set)
                | {"meta": {"why": "Others are converted."}},
            ),
        )

    require(result("warning"), "the table", page)
    line = "Others are converted: c, d (2 of 5 rows; mode: expect_column_values_to_be_in_set)"
    assert capsys.readouterr().out == f"warning: {line}\n"
    message = (
        r"the table: a critical expectation fails: Others are converted: .*docs/index.*own\.json"
    )
    with pytest.raises(SmearflowError, match=message):
        require(result("critical"), "the table", page)
    assert capsys.readouterr().out == f"critical: {line}\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is no suite"),
        ("{", "is no suite"),
        ('{"name": "own", "expectations": []}', "is no suite"),
        ('{"name": "own", "meta": {"row": "cell_id"}, "expectations": []}', "no expectations"),
        ('{"name": "own", "meta": {"row": "other"}, "expectations": [1]}', "is no suite"),
    ],
)
def test_files_that_are_no_suite(content: str | None, message: str, tmp_path: Path) -> None:
    if content:
        (tmp_path / "own.json").write_text(content)
    with pytest.raises(SmearflowError, match=message):
        run_suite(TABLE, tmp_path / "own.json")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (expectation("expect_cells_to_be_happy"), "expect_cells_to_be_happy is no valid"),
        (expectation("expect_column_values_to_be_between", column="width"), "min_value"),
        (expectation("expect_column_values_to_be_unique", columm="width"), "columm"),
        (expectation("expect_column_values_to_be_unique", "fatal", column="width"), "fatal"),
        (
            expectation(
                "expect_column_values_to_be_in_set",
                column="mode",
                value_set={"$PARAMETER": "unknown"},
            ),
            "unknown",
        ),
    ],
)
def test_expectations_that_are_not_understood(
    wrong: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(SmearflowError, match=message) as caught:
        run_suite(TABLE, write_suite(tmp_path, wrong))
    assert "\n" not in str(caught.value)


def test_a_table_without_row_ids(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, expectation("expect_column_values_to_be_unique", column="mode"))
    with pytest.raises(SmearflowError, match="no column cell_id"):
        run_suite(TABLE.drop(columns="cell_id"), suite)
