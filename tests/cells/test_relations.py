from typing import Any

import pandas as pd
import pytest

from smearflow.cells.manifest import STATISTICS, tabulate
from smearflow.cells.relations import RELATED, with_corrections, with_leaks, with_relations
from smearflow.params.ingest import Group, Source

BY_PATIENT: dict[str, Group] = {"lab": "patient"}


def image(name: str, pixels: str | None, patient: str | None, **other: Any) -> dict[str, Any]:
    row = {"path": f"lab/{name}.png", "source": "lab", "pixels": pixels, "patient": patient}
    row |= {"label": "A", "field": None, "time": "9:30"}
    empty = {"width": 0, "height": 0, "bytes": 1}
    return row | empty | dict.fromkeys(STATISTICS, 1.0) | other


def column(table: pd.DataFrame, name: str) -> list[Any]:
    return [None if pd.isna(value) else value for value in table[name]]


def test_relations() -> None:
    table = with_relations(
        tabulate(
            [
                image("a", "1", "lab/P1", brightness=100.0),
                image("b", "1", "lab/P1", brightness=200.0),
                image("c", "1", "lab/P2", label="B", brightness=50.0),
                image("d", "2", None, brightness=70.0),
                image("e", "3", None, brightness=90.0),
                image("f", None, "lab/P2", brightness=None),
                image("g", None, "lab/P2", label=None, brightness=None),
            ]
        ),
        "B",
        BY_PATIENT,
    )
    assert list(table.columns)[-len(RELATED) :] == list(RELATED)
    assert column(table, "positive") == [0, 0, 1, 0, 0, 0, 0]
    assert column(table, "copy_of") == [None, "lab/a", "lab/a", None, None, None, None]
    assert column(table, "labels_of_pixels") == [2, 2, 2, 1, 1, 1, 1]
    assert column(table, "patients_of_pixels") == [2, 2, 2, 1, 1, 1, 1]
    assert column(table, "patient_brightness") == [150, 150, 50, 70, 90, 50, 50]


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("patient", ["lab/P1", None]),
        ("field", ["lab/P1-3", "lab/7"]),
        ("time", ["lab/9:30", "lab/9:30"]),
        ("file", ["lab/a.png", "lab/b.png"]),
    ],
)
def test_what_stays_on_one_side_of_the_split(by: Group, groups: list[str | None]) -> None:
    images = [image("a", "1", "lab/P1", field="lab/P1-3"), image("b", "2", None, field="lab/7")]
    table = with_relations(tabulate(images), "B", {"lab": by})
    assert column(table, "group") == groups


def test_an_image_that_came_in_twice_is_of_one_patient() -> None:
    twice = [image("a", "1", "lab/P1"), image("b", "1", "handed in/P1")]
    table = with_relations(tabulate(twice), "B", BY_PATIENT)
    assert column(table, "patients_of_pixels") == [1, 1]
    assert column(table, "copy_of") == [None, "lab/a"]


LAB, OTHER = Source(name="lab", kind="nih"), Source(name="other", kind="nih")
FIRST, SECOND = (Source(name=name, kind="nih", corrects=True) for name in ("first", "second"))


@pytest.mark.parametrize(
    ("sources", "labels", "corrected_by"),
    [
        ([LAB, FIRST], "AB", ["first/x", None]),
        ([LAB, FIRST], "AA", [None, None]),
        ([FIRST, LAB], "AB", [None, None]),  # only what came before
        ([LAB, OTHER], "AB", [None, None]),  # nobody says which is right
        ([LAB, FIRST, SECOND], "ABA", [None, "second/x", None]),
        ([LAB, FIRST, SECOND], "ABB", ["second/x", None, None]),
        ([LAB, SECOND, FIRST], "ABA", [None, "first/x", None]),
        ([LAB, OTHER, FIRST], "AAB", ["first/x", "first/x", None]),
    ],
)
def test_corrections(sources: list[Source], labels: str, corrected_by: list[str | None]) -> None:
    rows = [
        image("x", "1", None, label=label, source=source.name, path=f"{source.name}/x.png")
        for source, label in zip(sources, labels, strict=True)
    ]
    table = with_corrections(tabulate(rows), sources).set_index("source")
    assert column(table.loc[[source.name for source in sources]], "corrected_by") == corrected_by


def test_images_that_cannot_be_decoded_correct_nothing() -> None:
    rows = [
        image("x", None, None, label=label, source=source.name, path=f"{source.name}/x.png")
        for source, label in ((LAB, "A"), (FIRST, "B"))
    ]
    assert column(with_corrections(tabulate(rows), [LAB, FIRST]), "corrected_by") == [None, None]


def test_a_patient_of_two_sources_is_on_one_side() -> None:
    cells = pd.DataFrame(
        {
            "cell_id": ["a", "b"],
            "patient": ["lab/P1", "handed in/P1"],
            "side": ["train", "test"],
            "pixels": ["1", "2"],
            "appearance": [f"{1:064x}", f"{2**255 - 19:064x}"],
        }
    )
    assert column(with_leaks(cells), "sides_of_patient") == [2, 2]


def test_leaks() -> None:
    near = [f"{1:064x}", f"{3:064x}", f"{2**255 - 19:064x}", f"{0:064x}"]
    cells = pd.DataFrame(
        {
            "cell_id": ["a", "b", "c", "d"],
            "patient": ["lab/P1", "lab/P2", "lab/P2", "lab/P3"],
            "side": ["train", "test", "train", "train"],
            "pixels": ["1", "1", "2", "3"],
            "appearance": near,
        }
    )
    leaks = with_leaks(cells)
    assert column(leaks, "sides_of_patient") == [1, 2, 2, 1]
    assert column(leaks, "sides_of_pixels") == [2, 2, 1, 1]
    assert column(leaks, "twin") == ["b", "a", None, "b"]
