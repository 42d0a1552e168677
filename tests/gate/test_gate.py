import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from smearflow.gate import COLUMNS, check_images, quarantined
from smearflow.ground.errors import SmearflowError
from smearflow.params.validate import Quarantine
from tests.material import cell_image

TABLE = pd.DataFrame(
    {
        "cell_id": ["a", "b", "c", "d"],
        "path": ["lab/a.png", "lab/b.png", "lab/c.png", "lab/d.png"],
        "mode": ["RGB", "L", "RGB", "L"],
        "width": [50, 60, 900, 70],
    }
)
EXPECTATIONS = [
    {
        "type": "expect_column_values_to_be_in_set",
        "severity": "warning",
        "kwargs": {"column": "mode", "value_set": ["RGB"]},
        "meta": {"why": "Others are converted."},
    },
    {
        "type": "expect_column_values_to_be_between",
        "severity": "critical",
        "kwargs": {"column": "width", "max_value": 500},
        "meta": {"why": "Several <cells>."},
    },
    {
        "type": "expect_table_row_count_to_be_between",
        "severity": "critical",
        "kwargs": {"min_value": 9},
    },
]
FOUND = pd.DataFrame(
    [
        ("warning", "mode", "expect_column_values_to_be_in_set", "Others are converted.", "L", "b"),
        ("warning", "mode", "expect_column_values_to_be_in_set", "Others are converted.", "L", "d"),
        ("critical", "width", "expect_column_values_to_be_between", "Several <cells>.", "900", "c"),
    ],
    columns=list(COLUMNS[:-1]),
).assign(path=["lab/b.png", "lab/d.png", "lab/c.png"])


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    definition = {"name": "own", "meta": {"row": "cell_id"}, "expectations": EXPECTATIONS}
    (tmp_path / "own.json").write_text(json.dumps(definition))
    return tmp_path / "own.json"


def read(path: str) -> bytes:
    """Half a file for b, a cell for every other."""
    stream = io.BytesIO()
    cell_image(np.random.default_rng(1), parasitized=True).save(stream, "PNG")
    return stream.getvalue()[:500] if path == "lab/b.png" else stream.getvalue()


def test_every_offender_is_in_the_table_and_some_are_shown(suite: Path, tmp_path: Path) -> None:
    result, found = check_images(TABLE, suite, tmp_path / "gate", "What fails", read, 1)
    assert not result.success
    pd.testing.assert_frame_equal(found, FOUND, check_dtype=False)
    written = pd.read_csv(tmp_path / "gate/offenders.csv", dtype=str)
    pd.testing.assert_frame_equal(written, FOUND, check_dtype=False)

    page = (tmp_path / "gate/index.html").read_text()
    assert page.count("data:image/png;base64,") == 1
    assert page.count("decoded</span>") == 1
    assert page.index("Several &lt;cells&gt;.") < page.index("Others are converted.")
    assert "2 files, the first 1 shown" in page
    assert "lab/d.png" not in page
    docs = (tmp_path / "gate/data_docs/index.html").read_text()
    columns = re.findall(r"<h5[^>]*>\s*(\w+)\s*</h5>", docs)
    bounds = re.findall(r"<span[^>]*>([\d.]+)</span>", docs)
    assert {"mode", "width"} <= set(columns)
    assert {"500.0", "9"} <= set(bounds)


@pytest.mark.parametrize(
    ("kind", "columns", "value"),
    [
        (
            "expect_column_pair_values_a_to_be_greater_than_b",
            {"column_A": "height", "column_B": "width"},
            ("height, width", "60, 900"),
        ),
        (
            "expect_compound_columns_to_be_unique",
            {"column_list": ["mode", "height"]},
            ("mode, height", "RGB, 60"),
        ),
    ],
)
def test_an_expectation_about_several_columns_names_them(
    suite: Path, tmp_path: Path, kind: str, columns: dict[str, Any], value: tuple[str, str]
) -> None:
    definition = json.loads(suite.read_text())
    definition["expectations"] = [{"type": kind, "severity": "critical", "kwargs": columns}]
    suite.write_text(json.dumps(definition))
    table = TABLE.assign(height=[60, 61, 60, 71])
    result, found = check_images(table, suite, tmp_path / "gate", "What fails", read, 9)
    row = found[found["row"] == "c"].iloc[0]
    assert (row["column"], row["value"]) == value
    assert result.noted(1).expectations[0].column == value[0]
    written = pd.read_csv(tmp_path / "gate/offenders.csv", dtype=str)
    assert written["value"].tolist() == found["value"].tolist()
    assert value[1] in (tmp_path / "gate/index.html").read_text()


def test_a_table_without_fault_has_an_empty_page(suite: Path, tmp_path: Path) -> None:
    definition = json.loads(suite.read_text())
    definition["expectations"] = EXPECTATIONS[1:2]
    suite.write_text(json.dumps(definition))
    result, found = check_images(TABLE[:2], suite, tmp_path / "gate", "What fails", read, 1)
    assert result.success
    assert found.empty
    assert list(found.columns) == list(COLUMNS)
    assert "<img" not in (tmp_path / "gate/index.html").read_text()
    assert list(pd.read_csv(tmp_path / "gate/offenders.csv").columns) == list(COLUMNS)


@pytest.mark.parametrize(
    ("which", "expected"),
    [("none", []), ("critical", ["c"]), ("all", ["b", "d", "c"])],
)
def test_what_is_quarantined(which: Quarantine, expected: list[str]) -> None:
    assert quarantined(FOUND, 4, which, 0.75)["row"].tolist() == expected


def test_too_many_to_be_quarantined() -> None:
    message = r"3 of 4 images .* more than 70%, first lab/b.png \(Others are converted\); correct"
    with pytest.raises(SmearflowError, match=message):
        quarantined(FOUND, 4, "all", 0.7)
    assert len(quarantined(FOUND, 4, "critical", 0.25)) == 1
