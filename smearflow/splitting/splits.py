"""Which side of the split each patient is on."""

from collections.abc import Mapping

import pandas as pd

from smearflow.cells.naming import own_id
from smearflow.ground.errors import SmearflowError
from smearflow.params.ingest import Group
from smearflow.params.split import Floors
from smearflow.records.groups import groups_of, position_of

SIDES = ("train", "validation", "test")
NAMELESS_TOLERATED = 0.01  # share of a source's images


def side_of(patient: str, validation: float, test: float) -> str:
    """The side of a patient; it depends on nothing else, so new data moves nobody.

    Args:
        patient: `<source>/<id>`.
        validation: share of the patients, in (0, 0.5).
        test: likewise.
    """
    position = position_of(own_id(patient))
    if position < test:
        return "test"
    return "validation" if position < test + validation else "train"


def group(
    manifest: pd.DataFrame, wanted: Mapping[str, Group]
) -> tuple[pd.DataFrame, dict[str, Group]]:
    """Decide what must stay on one side: a patient, or what is nearest to one.

    That is what the settings name; but a field where they name patients and all cells are of one.
    Fields of one patient look alike, so figures of cells grouped by field are too good. They are
    grouped by patient as soon as there is a second one, and then may change sides.

    Args:
        wanted: by source.

    Returns:
        The rows that can be used, with the group in `patient`, and by source what it is. Left out
        are images that can't be decoded and the few without a group.

    Raises:
        SmearflowError: more than 1 % of a source's images have no group.
    """
    decodable = manifest[manifest["error"].isna()]
    alone = decodable["patient"].map(own_id, na_action="ignore").nunique() == 1
    grouped_by, parts = dict[str, Group](), []
    for source, rows in decodable.groupby("source"):
        key = wanted[str(source)]
        if key == "patient" and alone:
            key = "field"
        groups = groups_of(rows, {str(source): key})
        nameless = groups.isna()
        if nameless.mean() > NAMELESS_TOLERATED:
            raise SmearflowError(
                f"{source}: nothing tells a {key} of {nameless.sum()} of {len(rows)} cells, "
                f"first {rows['path'][nameless].iloc[0]}",
                "correct patient_pattern of that source in params.yaml, or its table",
            )
        grouped_by[str(source)] = key
        parts.append(rows.assign(patient=groups)[~nameless])
    if not parts:
        raise SmearflowError("no image can be decoded", "see reports/validate")
    return pd.concat(parts).sort_values("path", ignore_index=True), grouped_by


def assign_sides(
    cells: pd.DataFrame, classes: tuple[str, str], validation: float, test: float
) -> pd.DataFrame:
    """Add `side` and `target` (int8: 1 = the second of the classes) to grouped rows."""
    sides = {patient: side_of(patient, validation, test) for patient in cells["patient"].unique()}
    target = (cells["label"] == classes[1]).astype("int8")
    return cells.assign(target=target, side=cells["patient"].map(sides))


def check_floors(cells: pd.DataFrame, classes: tuple[str, str], floors: Floors) -> None:
    """Check that each class has enough cells and patients on each side.

    Args:
        cells: rows with `side`, `label` and `patient`.

    Raises:
        SmearflowError: the message names side, class, count and floor.
    """
    for side in SIDES:
        for label in classes:
            rows = cells[(cells["side"] == side) & (cells["label"] == label)]
            _check_floor(side, label, "cells", len(rows), floors.cells)
            _check_floor(side, label, "patients", rows["patient"].nunique(), floors.patients)


def _check_floor(side: str, label: str, what: str, count: int, floor: int) -> None:
    if count < floor:
        raise SmearflowError(
            f"the {side} side has {count} {what} of class {label}, the floor is {floor}",
            "add patients, or change the shares of split in params.yaml (below the floor, "
            f"split.floors.{what}, the figures of a side say little)",
        )
