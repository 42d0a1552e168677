"""Split the cells by patient and pack their pixels."""

from typing import Any

import pandas as pd

from smearflow.cells import manifest
from smearflow.cells.arrays import decode_all, pack_side
from smearflow.cells.checks import require, run_suite
from smearflow.cells.raw import RawCells
from smearflow.cells.splits import SIDES, assign_sides, check_floors, group, per_patient
from smearflow.files import write_json
from smearflow.params import Params
from stages.runner import Folders, run

EXAMPLES = 20  # patients listed when one is on two sides


def split(params: Params, folders: Folders) -> None:
    """Split the cells by patient and pack their pixels.

    Leaves, per side, <side>.npy (uint8 pixels) and <side>.parquet (a row per cell, in the same
    order), and summary.json.
    """
    settings, classes = params.split, params.problem.classes
    everything = manifest.read(folders.inputs("ingest") / "manifest.parquet")
    usable, grouped_by = group(everything)
    cells = assign_sides(usable, classes, settings.validation, settings.test)
    check_floors(cells, classes, settings.floors)
    hashes = _pack(cells, settings.image_size, folders)
    _prove_disjoint(folders)
    undecodable = int(everything["error"].notna().sum())
    summary = {
        "image_size": settings.image_size,
        "classes": classes,
        "grouped_by": grouped_by,
        "sides": {side: _describe(cells[cells["side"] == side], hashes[side]) for side in SIDES},
        "left_out": undecodable,
        "without_patient": len(everything) - undecodable - len(cells),
    }
    write_json(folders.outputs / "summary.json", summary)


def _pack(cells: pd.DataFrame, image_size: int, folders: Folders) -> dict[str, str]:
    tables = {side: cells[cells["side"] == side].reset_index(drop=True) for side in SIDES}
    paths = pd.concat([table["path"] for table in tables.values()])
    hashes = {}
    with RawCells(folders.inputs("ingest") / "raw") as raw:
        pixels = decode_all(map(raw.read, paths), image_size, len(paths))
        for side, table in tables.items():
            hashes[side] = pack_side(folders.outputs, side, table, pixels, image_size)
            patients = table["patient"].nunique()
            print(f"{side}: {len(table)} cells of {patients} patients packed", flush=True)
    return hashes


def _prove_disjoint(folders: Folders) -> None:
    """Check the tables as written, not the decision that led to them."""
    written = pd.concat(manifest.read(folders.outputs / f"{side}.parquet") for side in SIDES)
    page = folders.reports / "data_docs" / "index.html"
    suite = folders.root / "expectations" / "splits.json"
    result = run_suite(per_patient(written), suite, EXAMPLES, page=page)
    require(result, "the split", page.relative_to(folders.root))


def _describe(cells: pd.DataFrame, sha256: str) -> dict[str, Any]:
    positive = int(cells["target"].sum())
    return {
        "cells": len(cells),
        "patients": int(cells["patient"].nunique()),
        "positive": positive,
        "negative": len(cells) - positive,
        "sha256": sha256,
    }


if __name__ == "__main__":
    run(split)
