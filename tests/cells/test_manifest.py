import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smearflow.cells import manifest
from smearflow.cells.naming import Name, parse_name
from smearflow.cells.raw import RawCells
from smearflow.ground.errors import SmearflowError
from smearflow.sides.tables import read_table, write_table
from tests.material import CLASSES, store_raw, write_cells


def rows(cells: Path, names: list[str]) -> list[manifest.Row]:
    return [
        manifest.identify("lab", name.split("/")[0], f"lab/{name}", parse_name(name))
        | manifest.describe((cells / name).read_bytes())
        for name in names
    ]


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    """Two good cells, a damaged one, a text and an empty file."""
    folder = write_cells(tmp_path / "cells", patients=1, per_class=1)
    good = folder / "Uninfected" / "C1P10ThinF_IMG_20150918_140104_cell_0.png"
    (folder / "Uninfected" / "C2_IMG_cell_1.png").write_bytes(good.read_bytes()[:500])
    (folder / "Uninfected" / "notes.png").write_text("no image")
    (folder / "Uninfected" / "zero.png").write_bytes(b"")
    (folder / "Uninfected" / "Thumbs.db").write_bytes(b"thumbnails")
    (folder / "labels.csv").write_text("beside the class folders")
    return folder


def test_a_row_per_file_whatever_it_holds(cells: Path, tmp_path: Path) -> None:
    members = store_raw(cells, tmp_path / "lab.zip")
    table = manifest.tabulate(rows(cells, members))
    assert list(table.columns) == list(manifest.COLUMNS)
    assert table.dtypes.astype(str).to_dict() == manifest.COLUMNS
    assert table["path"].tolist() == sorted(f"lab/{member}" for member in members)
    assert len(table) == 5
    broken = table[table["error"].notna()]
    assert [error.split(":")[0] for error in broken["error"]] == [
        "damaged",
        "not an image",
        "empty file",
    ]
    assert (broken["width"] == 0).all()
    assert broken[list(manifest.STATISTICS)].isna().all(axis=None)
    sound = table[table["error"].isna()]
    assert sound[list(manifest.STATISTICS)].notna().all(axis=None)
    assert set(sound["mode"]) == {"RGB"}
    assert set(sound["patient"]) == {"lab/C1"}
    assert set(sound["field"]) == {"lab/C1P10ThinF_IMG_20150918_140104"}
    assert table.set_index("cell_id")["patient"]["lab/Uninfected/notes"] is None


def test_written_and_read_it_is_the_same(cells: Path, tmp_path: Path) -> None:
    members = store_raw(cells, tmp_path / "lab.zip")
    for name, order in (("a", members), ("b", members[::-1])):
        write_table(manifest.tabulate(rows(cells, order)), tmp_path / f"{name}.parquet")
    pd.testing.assert_frame_equal(
        read_table(tmp_path / "a.parquet"), manifest.tabulate(rows(cells, members))
    )
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_cell_ids_stay_unique() -> None:
    paths = ["lab/U/a.png", "lab/U/a.jpg", "lab/U/b.c.png"]
    data = manifest.describe(b"")
    table = manifest.tabulate(manifest.identify("lab", "U", path, Name()) | data for path in paths)
    assert table["cell_id"].tolist() == ["lab/U/a.jpg", "lab/U/a.png", "lab/U/b.c"]


def test_no_rows() -> None:
    table = manifest.tabulate([])
    assert table.dtypes.astype(str).to_dict() == manifest.COLUMNS
    assert table.empty


def test_raw_cells_are_the_original_bytes(cells: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "raw" / "lab.zip", tmp_path / "again" / "lab.zip"
    members = store_raw(cells, first)
    assert {member.split("/")[0] for member in members} == set(CLASSES)
    os.utime(cells / members[0], (10**9, 10**9))
    store_raw(cells, second)
    assert first.read_bytes() == second.read_bytes()
    with RawCells(first.parent) as raw:
        for member in members:
            assert raw.read(f"lab/{member}") == (cells / member).read_bytes()


@pytest.mark.parametrize("path", ["lab/Uninfected/none.png", "other/Uninfected/a.png"])
def test_raw_cells_that_do_not_exist(path: str, cells: Path, tmp_path: Path) -> None:
    store_raw(cells, tmp_path / "raw" / "lab.zip")
    with RawCells(tmp_path / "raw") as raw, pytest.raises(SmearflowError, match="no sound"):
        raw.read(path)


def test_statistics_of_real_cells(real_cells: Path) -> None:
    files = sorted(real_cells.glob("*/*.png"))[::400]
    table = manifest.tabulate(
        manifest.identify("nih", file.parent.name, f"nih/{file.parent.name}/{file.name}", Name())
        | manifest.describe(file.read_bytes())
        for file in files
    )
    assert table["error"].isna().all()
    assert table["cell_area"].between(0.3, 1).all()
    assert np.isfinite(table[list(manifest.STATISTICS)].to_numpy()).all()
    # stained cells are pink: they take away more green than red
    assert table["green_mean"].median() > 1.5 * table["red_mean"].median()
