"""The suites of expectations/, each against its table."""

import hashlib
import json
from typing import Any

import pandas as pd
import pytest

from smearflow.cells.manifest import STATISTICS, describe, identify, tabulate
from smearflow.cells.naming import Name, parse_name
from smearflow.cells.relations import with_leaks, with_relations
from smearflow.checks import run_suite
from smearflow.report.sections.checks import what_holds
from tests.material import CLASSES, PROJECT

pytestmark = pytest.mark.heavy

EXPECTATIONS = PROJECT / "expectations"
SUITES = ("manifest", "feedback", "incoming", "splits")
CELLS = 400
USUAL = {"cell_area": 0.7, "brightness": 165.0, "contrast": 9.0, "sharpness": 20.0}

Failures = set[tuple[str, str | None]]


def images(count: int = CELLS) -> pd.DataFrame:
    """A faultless manifest of 30 patients."""
    rows = []
    for number in range(count):
        label = CLASSES[number % 2]
        path = f"lab/{label}/C{number % 30}P1_IMG_cell_{number}.png"
        facts = describe(b"") | {"width": 100, "height": 120, "mode": "RGB", "error": None}
        facts |= {"white": 255.0, "white_by": "format"}
        facts |= {name: USUAL.get(name, 0.1) for name in STATISTICS}
        facts |= {"sha256": f"{number:064x}", "pixels": f"{number:064x}", "bytes": 9000}
        facts |= {"appearance": hashlib.sha256(path.encode()).hexdigest()}  # like no other
        rows.append(identify("lab", label, path, parse_name(path)) | facts)
    return tabulate(rows)


def split(table: pd.DataFrame) -> pd.DataFrame:
    """With sides by the number of the patient."""
    numbers = table["patient"].str.extract(r"C(\d+)")[0].astype(int)
    sides = [("train", "validation", "test")[number % 3] for number in numbers]
    return table.assign(target=0, side=sides)


def table_of(suite: str, table: pd.DataFrame) -> pd.DataFrame:
    """What the suite is about."""
    if suite == "splits":
        return with_leaks(split(table))
    if suite == "incoming":
        return table.assign(no_cell=None, repeat_of=None)
    return with_relations(table, CLASSES[0], {"lab": "patient"})


def failures(suite: str, table: pd.DataFrame) -> Failures:
    file = EXPECTATIONS / f"{suite}.json"
    result = run_suite(table, file, parameters={"classes": list(CLASSES)})
    return {(each.severity, each.column) for each in result.findings if not each.success}


def spoilt(column: str, value: object, rows: int) -> pd.DataFrame:
    """A manifest whose first rows have another value in a column."""
    table = images()
    kind = table[column].dtype if isinstance(value, int) else None
    table[column] = pd.Series([value] * rows + table[column].tolist()[rows:], dtype=kind)
    return table


@pytest.mark.parametrize("suite", SUITES)
def test_a_faultless_table_passes(suite: str) -> None:
    assert failures(suite, table_of(suite, images())) == set()


@pytest.mark.parametrize("suite", SUITES)
def test_an_empty_table_fails(suite: str) -> None:
    assert ("critical", None) in failures(suite, table_of(suite, images(30)).iloc[:0])


@pytest.mark.parametrize("suite", SUITES)
def test_a_table_of_other_columns_fails(suite: str) -> None:
    whole = table_of(suite, images(30))
    assert ("critical", None) in failures(suite, whole.drop(columns="sharpness"))
    assert ("critical", None) in failures(suite, whole.assign(further=1))


@pytest.mark.parametrize("suite", SUITES)
def test_every_expectation_says_why(suite: str) -> None:
    definition: dict[str, Any] = json.loads((EXPECTATIONS / f"{suite}.json").read_text())
    assert definition["name"] == suite
    assert all(each["meta"]["why"].endswith(".") for each in definition["expectations"])


def test_the_suite_that_a_page_tells_says_what_holds_as_well() -> None:
    words = what_holds(PROJECT)
    definition: dict[str, Any] = json.loads((EXPECTATIONS / "manifest.json").read_text())
    assert set(words) == {each["meta"]["why"] for each in definition["expectations"]}
    assert all(holds.endswith(".") and holds != why for why, holds in words.items())


FAULTS: list[tuple[str, Any, int, Failures]] = [
    ("label", "Gametocyte", 1, {("critical", "label")}),
    ("label", None, 1, {("critical", "label")}),
    ("path", "lab/Uninfected/same.png", 2, {("critical", "path")}),
    ("cell_id", None, 1, {("critical", "cell_id")}),
    ("mode", "RGBA", 1, {("warning", "mode")}),
    ("width", 501, 1, {("warning", "width")}),
    ("height", 5, 1, {("warning", "height")}),
    ("width", 1, 5, {("warning", "width"), ("critical", "width")}),
    ("error", "damaged", 3, {("warning", "error")}),
    ("error", "damaged", 5, {("warning", "error"), ("critical", "error")}),
    ("white_by", "measured", 1, {("warning", "white_by")}),
    ("patient", None, 3, set()),
    ("patient", None, 5, {("critical", "group")}),
    ("cell_area", 0.05, 1, {("warning", "cell_area")}),
    ("cell_area", None, 1, {("critical", "cell_area")}),
    ("contrast", 0.0, 1, {("warning", "contrast")}),
]


@pytest.mark.parametrize(("column", "value", "rows", "expected"), FAULTS)
def test_faults_of_the_manifest(column: str, value: object, rows: int, expected: Failures) -> None:
    assert failures("manifest", table_of("manifest", spoilt(column, value, rows))) == expected


def test_all_faults_of_labelled_cells_handed_in() -> None:
    table, expected = images(), set()
    for place, (column, value, rows, found) in enumerate(FAULTS):
        first = 10 * place  # each fault in rows of its own
        table[column] = table[column].astype(object)
        table.loc[first : first + rows - 1, column] = value
        expected |= found
    kinds = images().dtypes
    table = table.astype(
        {name: kinds[name] for name in ("width", "height", "cell_area", "contrast")}
    )
    assert failures("feedback", table_of("feedback", table)) == expected


@pytest.mark.parametrize("suite", ["manifest", "feedback", "incoming"])
def test_one_image_that_is_not_known_for_sure_stops(suite: str) -> None:
    unsure = {"white": None, "white_by": "unknown", "error": "too dark", "width": 0, "height": 0}
    table = images()
    table.loc[:0, list(unsure)] = list(unsure.values())
    expected = {("critical", "error"), ("warning", "error")}
    assert failures(suite, table_of(suite, table)) == expected


@pytest.mark.parametrize(("rows", "expected"), [(0, {("critical", "label")}), (1, set())])
def test_a_class_must_be_there_however_rare(rows: int, expected: Failures) -> None:
    table = images().assign(label=[CLASSES[0]] * rows + [CLASSES[1]] * (CELLS - rows))
    assert failures("manifest", table_of("manifest", table)) == expected
    assert failures("feedback", table_of("feedback", table)) == set()


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"patient": "lab/C0"}, {("warning", "copy_of")}),
        ({"label": "other"}, {("critical", "labels_of_pixels"), ("warning", "copy_of")}),
        ({"patient": "lab/C1"}, {("critical", "patients_of_pixels"), ("warning", "copy_of")}),
    ],
)
def test_the_same_pixels_twice(other: dict[str, str], expected: Failures) -> None:
    table = images()
    same = {"pixels": "0" * 64, "label": CLASSES[0], "patient": "lab/C0"}
    if "label" in other:
        other = {"label": CLASSES[1]}
    table.loc[0, list(same)] = list(same.values())
    table.loc[1, list(same)] = list((same | other).values())
    for suite in ("manifest", "feedback"):
        assert failures(suite, table_of(suite, table)) == expected


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("brightness", 90.0, {("warning", "patient_brightness")}),
        ("sharpness", 1.0, {("warning", "patient_sharpness")}),
        ("red_mean", 0.9, {("warning", "patient_red_mean")}),
        ("blue_mean", 0.01, {("warning", "patient_blue_mean")}),
    ],
)
def test_a_patient_out_of_range(column: str, value: float, expected: Failures) -> None:
    table = images()
    table.loc[table["patient"] == "lab/C7", column] = value
    assert failures("manifest", table_of("manifest", table)) == expected


def test_undecodable_rows_are_reported_once() -> None:
    undecodable = identify("lab", CLASSES[0], f"lab/{CLASSES[0]}/C1_x.png", Name("C1")) | describe(
        b""
    )
    table = pd.concat([images(), tabulate([undecodable])], ignore_index=True)
    assert failures("manifest", table_of("manifest", table)) == {("warning", "error")}


@pytest.mark.parametrize(
    ("column", "value", "rows", "expected"),
    [
        ("error", "damaged", 50, {("critical", "error"), ("warning", "error")}),
        ("no_cell", "black", 40, {("warning", "no_cell")}),
        ("no_cell", "black", 41, {("warning", "no_cell"), ("critical", "no_cell")}),
        ("repeat_of", "a.png", 40, {("warning", "repeat_of")}),
        ("repeat_of", "a.png", 41, {("warning", "repeat_of"), ("critical", "repeat_of")}),
        ("mode", "L", 1, {("warning", "mode")}),
        ("label", None, CELLS, set()),
    ],
)
def test_faults_of_a_window(column: str, value: object, rows: int, expected: Failures) -> None:
    table = table_of("incoming", images())
    table[column] = pd.Series(
        [value] * rows + table[column].tolist()[rows:], dtype=table[column].dtype
    )
    assert failures("incoming", table) == expected


def test_leaks_between_the_sides_of_a_split() -> None:
    cells = split(images())
    elsewhere = cells.index[cells["side"] != cells.loc[0, "side"]][0]

    near = cells.copy()
    near.loc[0, "appearance"] = near.loc[elsewhere, "appearance"]
    assert failures("splits", with_leaks(near)) == {("warning", "twin")}

    same = near.copy()
    same.loc[0, "pixels"] = same.loc[elsewhere, "pixels"]
    assert failures("splits", with_leaks(same)) == {
        ("warning", "twin"),
        ("critical", "sides_of_pixels"),
    }

    astray = cells.copy()
    astray.loc[0, "side"] = astray.loc[elsewhere, "side"]
    assert failures("splits", with_leaks(astray)) == {("critical", "sides_of_patient")}
    assert failures("splits", with_leaks(cells[cells["side"] != "test"])) == {("critical", "side")}


def test_every_suite_is_tested_here() -> None:
    assert {file.stem for file in EXPECTATIONS.glob("*.json")} == set(SUITES)
