import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from smearflow.cells.checks import SuiteResult, require, run_suite
from smearflow.cells.manifest import COLUMNS, describe, identify, tabulate
from smearflow.cells.splits import per_patient
from smearflow.errors import SmearflowError
from tests.material import CLASSES, PROJECT

EXPECTATIONS = PROJECT / "expectations"
PARAMETERS = {"classes": list(CLASSES)}


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
    result = run_suite(TABLE, suite, 1)
    found = [
        (each.success, each.severity, each.column, each.failing, each.failing_count)
        for each in result.findings
    ]
    assert found == [
        (True, "critical", None, (), 0),
        (False, "critical", "absent", (), 0),
        (False, "warning", "mode", ("c",), 2),
        (True, "critical", "mode", ("a",), 1),
        (False, "critical", "width", ("c",), 1),
        (False, "critical", "mode", (), 0),
    ]
    observed = [each.observed for each in result.findings]
    assert observed[0] == 5
    assert 'column "absent"' in observed[1]
    assert observed[2:] == ["2 of 5 rows", "1 of 5 rows", "1 of 4 rows", "missing: P"]
    assert not result.success
    assert result.to_json()["statistics"] == {
        "evaluated": 6,
        "failed_critical": 3,
        "failed_warning": 1,
    }


def test_results_are_the_same_every_time_and_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    suite = write_suite(
        tmp_path, expectation("expect_column_values_to_be_unique", column="cell_id")
    )
    page = tmp_path / "docs" / "index.html"
    texts = {
        json.dumps(run_suite(TABLE, suite, 5, page=page).to_json(), allow_nan=False)
        for _ in range(2)
    }
    assert len(texts) == 1
    assert "values must be unique" in page.read_text()
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
                tmp_path, expectation("expect_column_values_to_be_in_set", severity, **in_set)
            ),
            5,
        )

    require(result("warning"), "the table", page)
    line = "column mode: expect_column_values_to_be_in_set: 2 of 5 rows: c, d"
    assert capsys.readouterr().out == f"warning: {line}\n"
    with pytest.raises(SmearflowError, match=r"the table: 1 critical .* column mode: .*docs/index"):
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
        run_suite(TABLE, tmp_path / "own.json", 5)


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
        run_suite(TABLE, write_suite(tmp_path, wrong), 5)
    assert "\n" not in str(caught.value)


def test_a_table_without_row_ids(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, expectation("expect_column_values_to_be_unique", column="mode"))
    with pytest.raises(SmearflowError, match="no column cell_id"):
        run_suite(TABLE.drop(columns="cell_id"), suite, 5)


def manifest_table(count: int = 400) -> pd.DataFrame:
    """A faultless manifest."""
    rng = np.random.default_rng(1)
    rows = []
    for number in range(count):
        label = CLASSES[number % 2]
        path = f"lab/{label}/C{number % 30}P1_IMG_cell_{number}.png"
        facts = describe(b"") | {"width": 100, "height": 120, "mode": "RGB", "error": None}
        statistics = dict.fromkeys(list(COLUMNS)[12:], 0.5)
        facts |= {"sha256": f"{number:064x}", "bytes": int(rng.integers(9000, 20000))}
        rows.append(identify("lab", label, path, None) | facts | statistics)
    return tabulate(rows)


def spoilt(column: str, value: object, rows: int) -> pd.DataFrame:
    """A manifest whose first rows have another value in a column."""
    table = manifest_table()
    table[column] = pd.Series([value] * rows + table[column].tolist()[rows:])
    return table


def failures(table: pd.DataFrame, suite: str) -> set[tuple[str, str | None]]:
    result = run_suite(table, EXPECTATIONS / f"{suite}.json", 5, parameters=PARAMETERS)
    return {(each.severity, each.column) for each in result.findings if not each.success}


@pytest.mark.parametrize("suite", ["manifest", "incoming"])
def test_a_faultless_table_passes(suite: str) -> None:
    assert failures(manifest_table(), suite) == set()


@pytest.mark.parametrize("suite", ["manifest", "incoming"])
def test_an_empty_table_fails(suite: str) -> None:
    assert ("critical", None) in failures(manifest_table(0), suite)


@pytest.mark.parametrize(
    ("column", "value", "rows", "expected"),
    [
        ("label", "Gametocyte", 1, {("critical", "label")}),
        ("label", None, 1, {("critical", "label")}),
        ("label", "Uninfected", 400, {("critical", "label")}),
        ("path", "lab/Uninfected/same.png", 2, {("critical", "path")}),
        ("cell_id", None, 1, {("critical", "cell_id")}),
        ("sha256", "0" * 64, 2, {("warning", "sha256")}),
        ("mode", "RGBA", 1, {("warning", "mode")}),
        ("width", 501, 1, {("warning", "width")}),
        ("height", 5, 1, {("warning", "height")}),
        ("error", "damaged", 3, {("warning", "error")}),
        ("error", "damaged", 5, {("warning", "error"), ("critical", "error")}),
        ("patient", None, 3, set()),
        ("patient", None, 5, {("critical", "patient")}),
        ("cell_area", 0.05, 1, {("warning", "cell_area")}),
        ("cell_area", None, 1, {("critical", "cell_area")}),
    ],
)
def test_faults_of_the_manifest(
    column: str, value: object, rows: int, expected: set[tuple[str, str]]
) -> None:
    assert failures(spoilt(column, value, rows), "manifest") == expected


def test_a_missing_column_of_the_manifest() -> None:
    assert ("critical", None) in failures(manifest_table().drop(columns="sharpness"), "manifest")


def test_undecodable_rows_are_reported_once() -> None:
    undecodable = identify("lab", CLASSES[0], f"lab/{CLASSES[0]}/C1_x.png", None) | describe(b"")
    table = pd.concat([manifest_table(), tabulate([undecodable])], ignore_index=True)
    assert failures(table, "manifest") == {("warning", "error")}


@pytest.mark.parametrize(
    ("column", "value", "rows", "expected"),
    [
        ("error", "damaged", 50, {("critical", "error"), ("warning", "error")}),
        ("sha256", "0" * 64, 2, {("warning", "sha256")}),
        ("mode", "L", 1, {("warning", "mode")}),
        ("width", 501, 1, {("warning", "width")}),
        ("label", None, 400, set()),
    ],
)
def test_faults_of_a_window(
    column: str, value: object, rows: int, expected: set[tuple[str, str]]
) -> None:
    assert failures(spoilt(column, value, rows), "incoming") == expected


def test_the_splits_suite_finds_leaks() -> None:
    table = manifest_table()
    sides = ["train", "validation", "test"]
    numbers = table["patient"].str.extract(r"C(\d+)")[0].astype(int)
    cells = table.assign(side=[sides[number % 3] for number in numbers])
    assert failures(per_patient(cells), "splits") == set()

    elsewhere = cells.index[cells["side"] != cells.loc[0, "side"]][0]
    cells.loc[0, "sha256"] = cells.loc[elsewhere, "sha256"]
    assert failures(per_patient(cells), "splits") == {("warning", "copies")}
    cells.loc[0, "side"] = cells.loc[elsewhere, "side"]
    assert ("critical", "sides") in failures(per_patient(cells), "splits")
    assert ("critical", "side") in failures(per_patient(cells[cells["side"] != "test"]), "splits")
    assert ("critical", None) in failures(per_patient(cells).iloc[:0], "splits")
