import hashlib
from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.ground.errors import SmearflowError
from smearflow.params.ingest import Group
from smearflow.params.split import Floors
from smearflow.records.groups import SALT
from smearflow.splitting.splits import (
    SIDES,
    assign_sides,
    check_floors,
    group,
    side_of,
)
from tests.material import CLASSES

NEGATIVE_FIRST = (CLASSES[1], CLASSES[0])
BY_PATIENT: dict[str, Group] = {"lab": "patient", "a": "patient", "b": "patient"}


def cells_of(patients: Sequence[str | None], source: str = "lab") -> pd.DataFrame:
    """A manifest with two cells, one of each class, in two fields, for each of the patients."""
    rows = [
        {
            "path": f"{source}/{label}/{number}.png",
            "source": source,
            "label": label,
            "patient": patient and f"{source}/{patient}",
            "field": patient and f"{source}/{patient}-{number % 5}",
            "sha256": hashlib.sha256(f"{source}{label}{number}".encode()).hexdigest(),
            "error": None,
        }
        for number, patient in enumerate(patients)
        for label in CLASSES
    ]
    return pd.DataFrame(rows).sort_values("path", ignore_index=True)


def split(manifest: pd.DataFrame) -> pd.DataFrame:
    return assign_sides(group(manifest, BY_PATIENT)[0], NEGATIVE_FIRST, 0.2, 0.2)


patients = st.lists(st.from_regex(r"\A[A-Z]?[0-9]{1,4}\Z"), min_size=2, max_size=30, unique=True)


@given(first=patients, more=patients)
def test_added_data_moves_no_patient(first: list[str], more: list[str]) -> None:
    before = split(cells_of(first)).groupby("patient")["side"].agg(set)
    after = split(cells_of(first + more)).groupby("patient")["side"].agg(set)
    assert (after[before.index] == before).all()
    assert (after.map(len) == 1).all()


@given(names=patients, cells=st.integers(1, 9), floor=st.integers(1, 9))
def test_floors_hold_for_whatever_passes(names: list[str], cells: int, floor: int) -> None:
    table = split(cells_of(names))
    counts = table.groupby(["side", "label"])["patient"].agg(["size", "nunique"])
    enough = len(counts) == 6 and counts["size"].min() >= cells and counts["nunique"].min() >= floor
    try:
        check_floors(table, NEGATIVE_FIRST, Floors(cells=cells, patients=floor))
        passed = True
    except SmearflowError:
        passed = False
    assert passed == enough


@given(patient=st.text(max_size=20))
def test_a_patient_is_on_the_same_side_in_every_source(patient: str) -> None:
    assert side_of(f"nih/{patient}", 0.2, 0.2) == side_of(f"reviewed/{patient}", 0.2, 0.2)


@given(patient=st.text(max_size=20), validation=st.floats(0.01, 0.49), test=st.floats(0.01, 0.25))
def test_a_larger_test_share_takes_no_test_patient_away(
    patient: str, validation: float, test: float
) -> None:
    if side_of(f"lab/{patient}", validation, test) == "test":
        assert side_of(f"lab/{patient}", validation, 2 * test) == "test"


def test_sides_are_pinned() -> None:
    """Another salt or hash would send patients across: this must never change."""
    assert SALT == "smearflow patients"
    sides = {n: side_of(f"nih/C{n}", 0.2, 0.2) for n in range(1, 21)}
    assert [n for n in sides if sides[n] == "test"] == [7, 10, 17, 18]
    assert [n for n in sides if sides[n] == "validation"] == [1, 2, 3, 4, 8, 16]


def test_shares_are_about_those_asked_for() -> None:
    sides = pd.Series([side_of(f"lab/{n}", 0.3, 0.1) for n in range(4000)])
    shares = sides.value_counts(normalize=True)
    assert [shares[side] for side in SIDES] == pytest.approx([0.6, 0.3, 0.1], abs=0.03)


def test_targets() -> None:
    cells = split(cells_of(["1", "2"]))
    assert (cells["target"] == (cells["label"] == "Parasitized")).all()
    assert cells["target"].dtype == "int8"


def test_a_single_patient_is_grouped_by_field() -> None:
    cells, grouped_by = group(cells_of(["9"] * 20, "b"), BY_PATIENT)
    assert grouped_by == {"b": "field"}
    assert set(cells["patient"]) == {f"b/9-{n}" for n in range(5)}


def test_the_only_patient_of_a_second_source_stays_on_one_side() -> None:
    """As where somebody hands in newly labelled cells of a patient who is tested on."""
    two = pd.concat([cells_of(["1", "2", "9"], "a"), cells_of(["9"] * 20, "b")])
    cells, grouped_by = group(two, BY_PATIENT)
    assert grouped_by == {"a": "patient", "b": "patient"}
    assert split(two).query("patient.str.endswith('/9')")["side"].nunique() == 1
    assert set(cells["patient"]) == {"a/1", "a/2", "a/9", "b/9"}


def test_what_the_settings_name_stays_on_one_side() -> None:
    manifest = cells_of(["1", "2", None]).assign(time="9:30")
    cells, grouped_by = group(manifest, {"lab": "time"})
    assert (set(cells["patient"]), grouped_by) == ({"lab/9:30"}, {"lab": "time"})
    cells, grouped_by = group(manifest, {"lab": "file"})
    assert (cells["patient"].nunique(), grouped_by) == (6, {"lab": "file"})


def test_what_can_not_be_used_is_left_out() -> None:
    manifest = cells_of([str(n) for n in range(150)] + [None])
    manifest.loc[[4, 5], "error"] = "damaged"
    cells, _ = group(manifest, BY_PATIENT)
    assert len(cells) == len(manifest) - 2 - 2
    assert cells["path"].is_monotonic_increasing


def test_names_that_tell_no_patient() -> None:
    with pytest.raises(SmearflowError, match=r"lab: nothing tells a patient of 4 of 8 cells"):
        group(cells_of(["1", "2", None, None]), BY_PATIENT)


def test_nothing_decodable() -> None:
    with pytest.raises(SmearflowError, match="no image can be decoded"):
        group(cells_of(["1", "2"]).assign(error="damaged"), BY_PATIENT)


@pytest.mark.parametrize(
    ("floors", "message"),
    [
        (Floors(cells=9, patients=1), "the test side has 8 cells of class Uninfected"),
        (Floors(cells=1, patients=3), "the test side has 2 patients of class Uninfected"),
    ],
)
def test_floors(floors: Floors, message: str) -> None:
    parts = []
    for side, count in (("train", 6), ("validation", 3), ("test", 3)):
        names = [f"{side}{number}" for number in range(count) for _ in range(4)]
        parts.append(cells_of(names, side).assign(side=side))
    cells = pd.concat(parts, ignore_index=True)
    lost = (cells["patient"] == "test/test2") & (cells["label"] == "Uninfected")
    cells = cells[~lost]
    check_floors(cells, NEGATIVE_FIRST, Floors(cells=8, patients=2))
    with pytest.raises(SmearflowError, match=message):
        check_floors(cells, NEGATIVE_FIRST, floors)
