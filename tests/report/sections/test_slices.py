"""What the page shows of kinds of cells, and of what the model looked at."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smearflow.records.explained import MAPS, Explained, ExplainedCell
from smearflow.records.figures import Estimate
from smearflow.records.slices import Slice, Slices
from smearflow.report.pictures.occlusion import over_cell
from smearflow.report.run import PipelineRun, read_run
from smearflow.report.sections.explained import explained_section
from smearflow.report.sections.slices import slices_section
from smearflow.sides.side import load_side
from tests.report.finished import write_run

FIGURE = Estimate(value=0.7, low=0.6, high=0.8)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def run(root: Path) -> PipelineRun:
    return read_run(root, ())


def a_slice(**changed: object) -> Slice:
    usual = {"dimension": "sharpness", "part": "1", "low": None, "high": 3.5, "cells": 24}
    figures = dict.fromkeys(("accuracy", "sensitivity", "specificity"), FIGURE)
    rest = {"patients": 8, "rest": 0.95, "worse": False}
    return Slice.model_validate(usual | figures | rest | changed)


def write_slices(root: Path, *slices: Slice) -> None:
    folder = root / "outputs/evaluate"
    stains = ((0.1, 0.2, 0.15), (0.2, 0.4, 0.3))
    Slices(interval="patients drawn", stains=stains, slices=slices).write(folder)
    cells = load_side(root / "outputs/split", "test").table["cell_id"]
    halves = np.where(np.arange(len(cells)) % 2, "2", "1")
    pd.DataFrame({"cell_id": cells, "stain": halves, "sharpness": halves}).to_parquet(
        folder / "slices.parquet"
    )


def test_the_worst_are_named_and_shown(root: Path, run: PipelineRun) -> None:
    patient = load_side(root / "outputs/split", "test").patients[0]
    write_slices(
        root,
        a_slice(dimension="stain", part="2", low=None, high=None, worse=True),
        a_slice(dimension="patient", part=patient, low=None, high=None, worse=True),
        a_slice(),
        a_slice(dimension="patient", part="lab/somebody"),
    )
    section = slices_section(root, run)
    assert section is not None
    text = " ".join(section.sentences)
    assert "stain 2 (0.700 instead of 0.950)" in text
    assert patient.partition("/")[2] in text
    assert "quarter" not in text
    (table,) = section.tables
    assert table.rows[0][0] == "stain 2"
    assert len(table.rows) == 3  # the patient who does not stand out is in another table
    assert "0.20 / 0.40 / 0.30" in table.rows[0][1]
    assert "3.5" in table.rows[2][1]
    side = load_side(root / "outputs/split", "test")
    stain, own = section.galleries
    assert len(stain.cells) == 12
    for cell in own.cells:
        at = int(np.flatnonzero((side.pixels == cell.pixels).all(axis=(1, 2, 3)))[0])
        assert side.patients[at] == patient


def test_where_nothing_is_worse_nothing_is_shown(root: Path, run: PipelineRun) -> None:
    write_slices(root, a_slice())
    section = slices_section(root, run)
    assert section is not None
    assert section.galleries == []
    assert len(section.tables[0].rows) == 1


def test_a_map_is_beside_its_cell(root: Path, run: PipelineRun) -> None:
    cells = (
        ExplainedCell(index=3, reason="false positive"),
        ExplainedCell(index=5, reason="borderline"),
        ExplainedCell(index=6, reason="borderline"),
    )
    Explained(patch=5, cells=cells).write(root / "outputs/evaluate")
    maps = np.zeros((3, 11, 11), np.float32)
    maps[0, 2, 3] = 0.4
    np.save(root / "outputs/evaluate" / MAPS, maps)
    section = explained_section(root, run)
    assert section is not None
    assert [len(gallery.cells) for gallery in section.galleries] == [2, 4]
    cell, beside = section.galleries[0].cells
    side = load_side(root / "outputs/split", "test")
    assert (cell.pixels == side.pixels[3]).all()
    assert "-0.40 to +0.00" in beside.note
    assert "0." not in section.galleries[1].cells[1].note  # its map is 0 everywhere


def test_runs_without_them_have_no_such_sections(tmp_path: Path) -> None:
    before = PipelineRun(drawn=False)
    assert slices_section(tmp_path, before) is None
    assert explained_section(tmp_path, before) is None


def test_a_map_colours_what_counts_and_nothing_else() -> None:
    cell = np.full((44, 44, 3), 150, np.uint8)
    found = np.zeros((11, 11), np.float32)
    found[0, 0], found[10, 10] = 0.5, -0.5
    drawn = over_cell(cell, found).astype(int)
    red, blue, middle = drawn[0, 0], drawn[-1, -1], drawn[22, 22]
    assert red[0] > red[2] + 50
    assert blue[2] > blue[0] + 50
    assert (middle == 150).all()
