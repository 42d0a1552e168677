import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import stages.split
from smearflow.ground.errors import SmearflowError
from smearflow.images.statistics import STATISTICS
from smearflow.sides.side import load_side
from smearflow.splitting.splits import SIDES
from stages.ingest import ingest
from stages.runner import run_in
from stages.split import split
from stages.validate import validate
from tests.material import short_params, write_cells, write_deep_cells
from tests.stages.project import make_project, tree, write_params


@pytest.fixture(scope="module")
def root(cells: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with validated cells; every test runs `split` itself."""
    root = make_project(tmp_path_factory.mktemp("project"), short_params(cells, cells))
    run_in(root, ingest)
    run_in(root, validate)
    return root


def test_three_disjoint_sides(root: Path) -> None:
    run_in(root, split)
    folder = root / "outputs/split"
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["classes"] == ["Uninfected", "Parasitized"]
    assert summary["grouped_by"] == {"nih": "patient"}
    assert (summary["left_out"], summary["without_patient"]) == (0, 0)

    sides = {name: load_side(folder, name) for name in SIDES}
    assert sum(len(side.table) for side in sides.values()) == 192
    patients = [set(side.patients) for side in sides.values()]
    assert sum(map(len, patients)) == len(set.union(*patients)) == 24
    for name, side in sides.items():
        assert side.pixels.shape == (len(side.table), 32, 32, 3)
        assert (side.table["side"] == name).all()
        assert ((side.table["label"] == "Parasitized") == side.targets).all()
        counts = summary["sides"][name]
        assert counts["cells"] == len(side.table) == counts["positive"] + counts["negative"]
        assert counts["patients"] == len(set(side.patients))
    assert len({counts["sha256"] for counts in summary["sides"].values()}) == 3
    assert (root / "reports/split/data_docs/index.html").exists()
    assert "No single file" in (root / "reports/split/index.html").read_text()


def test_two_runs_leave_the_same_bytes(root: Path) -> None:
    run_in(root, split)
    first = tree(root / "outputs/split")
    run_in(root, split)
    assert tree(root / "outputs/split") == first
    assert len(first) == 7


def test_deep_cells_give_the_pixels_of_8_bits(root: Path, cells: Path, tmp_path: Path) -> None:
    run_in(root, split)
    deep = write_deep_cells(cells, tmp_path / "deep")
    project = make_project(tmp_path / "project", short_params(deep, deep))
    for stage in (ingest, validate, split):
        run_in(project, stage)
    for name in SIDES:
        eight, twelve = (load_side(each / "outputs/split", name) for each in (root, project))
        assert (twelve.table["white"] == 4095).all()
        assert np.array_equal(twelve.pixels, eight.pixels)
        pd.testing.assert_frame_equal(twelve.table[list(STATISTICS)], eight.table[list(STATISTICS)])


def test_floors_stop(root: Path, cells: Path) -> None:
    run_in(root, split)
    before = tree(root / "outputs/split")
    params = short_params(cells, cells)
    params["split"]["floors"]["patients"] = 20
    write_params(root, params)
    with pytest.raises(SmearflowError, match="patients of class Uninfected, the floor is 20"):
        run_in(root, split)
    assert tree(root / "outputs/split") == before
    write_params(root, short_params(cells, cells))


def test_a_patient_on_two_sides_stops(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def by_cell(cells: pd.DataFrame, classes: tuple[str, str], *shares: float) -> pd.DataFrame:
        del shares
        side = np.resize(SIDES, len(cells))
        return cells.assign(side=side, target=(cells["label"] == classes[1]).astype("int8"))

    monkeypatch.setattr(stages.split, "assign_sides", by_cell)
    with pytest.raises(SmearflowError, match=r"the split: .*: A patient on two sides: "):
        run_in(root, split)


def test_undecodable_images_are_left_out_and_counted(tmp_path: Path) -> None:
    cells = write_cells(tmp_path / "cells", patients=30, per_class=4)
    next(cells.glob("Uninfected/*.png")).write_bytes(b"")
    root = make_project(tmp_path / "project", short_params(cells, cells))
    for stage in (ingest, validate, split):
        run_in(root, stage)
    summary = json.loads((root / "outputs/split/summary.json").read_text())
    assert summary["left_out"] == 1
    assert sum(side["cells"] for side in summary["sides"].values()) == 239


def test_a_near_duplicate_on_another_side_is_shown(
    root: Path, cells: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_in(root, split)
    sides = {name: load_side(root / "outputs/split", name) for name in SIDES}
    own, other = (sides[name].table["path"].iloc[0] for name in ("train", "test"))
    copy = shutil.copytree(cells, tmp_path / "cells")
    with Image.open(copy / own.removeprefix("nih/")) as image:
        image.resize((image.width * 2, image.height * 2)).save(copy / other.removeprefix("nih/"))
    project = make_project(tmp_path / "project", short_params(copy, copy))
    for stage in (ingest, validate, split):
        run_in(project, stage)
    assert "warning: A near duplicate on another side" in capsys.readouterr().out
    found = pd.read_csv(project / "reports/split/offenders.csv")
    assert set(found["path"]) == {own, other}
    page = (project / "reports/split/index.html").read_text()
    assert page.count("data:image/png;base64,") == 2
