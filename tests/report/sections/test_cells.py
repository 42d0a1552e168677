"""The cells that a page shows."""

from pathlib import Path

import numpy as np
import pytest

from smearflow.report.elements import Gallery
from smearflow.report.run import PipelineRun, read_run
from smearflow.report.sections.data import data_section
from smearflow.report.sections.mistakes import mistakes_section
from smearflow.sides.side import Side, load_side
from tests.records.examples import CLASSES
from tests.report.finished import FALSE, MISSED, write_run


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def run(root: Path) -> PipelineRun:
    return read_run(root, ())


def rows_of(gallery: Gallery, side: Side) -> list[int]:
    """Which cells of a side are shown."""
    return [
        int(np.flatnonzero((side.pixels == cell.pixels).all(axis=(1, 2, 3)))[0])
        for cell in gallery.cells
    ]


def test_cells_of_both_classes_are_of_several_patients(root: Path) -> None:
    section = data_section(root)
    assert section is not None
    side = load_side(root / "outputs/split", "validation")
    for gallery, target in zip(section.galleries, (1, 0), strict=True):
        rows = rows_of(gallery, side)
        assert len(set(side.patients[rows])) == len(rows) == 6
        assert set(side.targets[rows]) == {target}
        assert gallery.name == CLASSES[target]


def test_mistakes_are_those_that_were_made(root: Path, run: PipelineRun) -> None:
    section = mistakes_section(run)
    assert section is not None
    assert run.assessed is not None
    side = load_side(root / "outputs/split", "test")
    for gallery, target, count in zip(section.galleries, (1, 0), (MISSED, FALSE), strict=True):
        rows = rows_of(gallery, side)
        assert len(rows) == count
        assert run.assessed.wrong[rows].all()
        assert set(side.targets[rows]) == {target}
    (table,) = section.tables
    wrong = side.table["cell_id"][run.assessed.wrong]
    assert [row[0] for row in table.rows] == list(wrong)


def test_before_the_test_there_are_no_mistakes() -> None:
    assert mistakes_section(PipelineRun(drawn=False)) is None
