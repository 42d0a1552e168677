"""Split the cells by patient and pack their pixels."""

import pandas as pd

from smearflow.cells.raw import RawCells
from smearflow.cells.relations import with_leaks
from smearflow.checks import require
from smearflow.gate import check_images
from smearflow.gate.page import PAGE
from smearflow.params.problem import Classes
from smearflow.params.split import Split
from smearflow.records import split as records
from smearflow.records.sources import Sources
from smearflow.sides.tables import read_table
from smearflow.splitting.packing import decode_all, pack_side
from smearflow.splitting.splits import SIDES, assign_sides, check_floors, group
from stages.runner import Folders, run

EXAMPLES = 50  # cells shown per expectation that fails


def split(settings: Split, problem: Classes, folders: Folders) -> None:
    """Split the cells by patient and pack their pixels.

    Leaves, per side, <side>.npy (uint8 pixels) and <side>.parquet (a row per cell, in the same
    order), and summary.json.
    """
    classes = problem.classes
    everything = read_table(folders.inputs("ingest") / "manifest.parquet")
    aside = pd.read_csv(folders.inputs("validate") / "quarantine.csv", dtype=str)
    images = everything[~everything["cell_id"].isin(aside["row"])]
    usable, grouped_by = group(images, Sources.read(folders.root).grouped_by)
    cells = assign_sides(usable, classes, settings.validation, settings.test)
    check_floors(cells, classes, settings.floors)
    hashes = _pack(cells, settings, folders)
    by = " or ".join(sorted(set(grouped_by.values())))
    for side in SIDES:
        own = cells[cells["side"] == side]
        groups = own["patient"].nunique()
        print(f"{side}: {len(own)} cells packed, split by {by}: {groups} of them", flush=True)
    _prove_disjoint(folders)
    undecodable = int(images["error"].notna().sum())
    sides = {side: _describe(cells[cells["side"] == side], hashes[side]) for side in SIDES}
    records.Split(
        image_size=settings.image_size,
        stain_normalised=_normalises(settings),
        classes=classes,
        grouped_by=grouped_by,
        sides=records.Sides(**sides),
        quarantined=len(everything) - len(images),
        left_out=undecodable,
        without_patient=len(images) - undecodable - len(cells),
    ).write(folders.outputs)


def _normalises(settings: Split) -> bool:
    return settings.stain_normalisation == "slide"


def _pack(cells: pd.DataFrame, settings: Split, folders: Folders) -> dict[str, str]:
    tables = {side: cells[cells["side"] == side].reset_index(drop=True) for side in SIDES}
    rows = pd.concat(tables.values())
    hashes, size = {}, settings.image_size
    with RawCells(folders.inputs("ingest") / "raw") as raw:
        pixels = decode_all(map(raw.read, rows["path"]), size, len(rows), rows["white"])
        for side, table in tables.items():
            hashes[side] = pack_side(
                folders.outputs, side, table, pixels, size, normalise=_normalises(settings)
            )
    return hashes


def _prove_disjoint(folders: Folders) -> None:
    """Check the tables as written, not the decision that led to them."""
    written = [read_table(folders.outputs / f"{side}.parquet") for side in SIDES]
    suite = folders.root / "expectations" / "splits.json"
    with RawCells(folders.inputs("ingest") / "raw") as raw:
        result, _ = check_images(
            with_leaks(pd.concat(written, ignore_index=True)),
            suite,
            folders.reports,
            "Cells that leak from one side of the split to another",
            raw.read,
            EXAMPLES,
        )
    require(result, "the split", folders.reports / PAGE)


def _describe(cells: pd.DataFrame, sha256: str) -> records.SideFacts:
    positive = int(cells["target"].sum())
    return records.SideFacts(
        cells=len(cells),
        patients=int(cells["patient"].nunique()),
        positive=positive,
        negative=len(cells) - positive,
        sha256=sha256,
    )


if __name__ == "__main__":
    run(split)
