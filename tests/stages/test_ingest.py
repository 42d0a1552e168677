import hashlib
import shutil
import zipfile
from pathlib import Path

import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.sides.tables import read_table
from stages.ingest import ingest
from stages.runner import run_in
from tests.material import short_params, write_cells
from tests.stages.project import make_project, tree, write_params


def test_two_sources_one_manifest(tmp_path: Path) -> None:
    nih = write_cells(tmp_path / "nih" / "cell_images", patients=3, per_class=2)
    own = write_cells(tmp_path / "own", patients=1, per_class=2, seed=2)
    for number, file in enumerate(sorted(own.glob("*/*.png"))):
        file.rename(file.with_name(f"S7_{number}_1.png"))
    (own / "Uninfected" / "S8_9_1.png").write_bytes(b"")
    params = short_params(Path(shutil.make_archive(str(tmp_path / "n"), "zip", nih.parent)), nih)
    params["ingest"]["sources"].append(
        {
            "name": "own",
            "kind": "folder",
            "location": str(own),
            "patient_pattern": r"S(?P<patient>\d+)_(?P<field>\d+)_",
        }
    )
    root = make_project(tmp_path / "project", params)
    run_in(root, ingest)

    table = read_table(root / "outputs" / "ingest" / "manifest.parquet")
    assert len(table) == 12 + 4 + 1
    assert table["path"].is_monotonic_increasing
    assert table["error"].notna().sum() == 1
    assert set(table["patient"]) == {"nih/C1", "nih/C2", "nih/C3", "own/7", "own/8"}
    assert set(table["label"]) == {"Parasitized", "Uninfected"}
    for source in ("nih", "own"):
        with zipfile.ZipFile(root / f"outputs/ingest/raw/{source}.zip") as raw:
            rows = table[table["source"] == source]
            assert [f"{source}/{name}" for name in raw.namelist()] == rows["path"].tolist()
            hashes = [hashlib.sha256(raw.read(name)).hexdigest() for name in raw.namelist()]
            assert hashes == rows["sha256"].tolist()


def test_two_runs_leave_the_same_bytes(cells: Path, tmp_path: Path) -> None:
    root = make_project(tmp_path / "project", short_params(cells, cells))
    run_in(root, ingest)
    first = tree(root / "outputs")
    run_in(root, ingest)
    assert tree(root / "outputs") == first
    assert set(first) == {
        "ingest/manifest.parquet",
        "ingest/raw/nih.zip",
        "ingest/sources.json",
    }


def test_rendered_cells(tmp_path: Path) -> None:
    params = short_params(tmp_path, tmp_path)
    source = {"name": "sample", "kind": "sample", "seed": 1, "patients": 3, "cells": 24}
    params["ingest"]["sources"] = [source]
    root = make_project(tmp_path / "project", params)
    run_in(root, ingest)
    first = tree(root / "outputs")
    table = read_table(root / "outputs/ingest/manifest.parquet")
    assert len(table) == 24
    assert set(table["patient"]) == {"sample/C1", "sample/C2", "sample/C3"}
    assert table["field"].nunique() == 3
    assert set(table["label"]) == {"Parasitized", "Uninfected"}
    assert table["error"].isna().all()
    run_in(root, ingest)
    assert tree(root / "outputs") == first


def test_a_bad_archive_leaves_no_half_data_set(cells: Path, tmp_path: Path) -> None:
    params = short_params(cells, cells)
    root = make_project(tmp_path / "project", params)
    run_in(root, ingest)
    before = tree(root / "outputs")
    archive = Path(shutil.make_archive(str(tmp_path / "cells"), "zip", cells))
    with zipfile.ZipFile(archive, "a") as outside:
        outside.writestr("../outside.png", b"")
    params["ingest"]["sources"][0]["location"] = str(archive)
    write_params(root, params)
    with pytest.raises(SmearflowError, match="outside the target"):
        run_in(root, ingest)
    assert tree(root / "outputs") == before
    assert not list(root.rglob("*.png"))


def test_a_folder_without_images(tmp_path: Path) -> None:
    (tmp_path / "cells" / "Uninfected").mkdir(parents=True)
    root = make_project(tmp_path / "project", short_params(tmp_path / "cells", tmp_path))
    with pytest.raises(SmearflowError, match="holds no folders, expected"):
        run_in(root, ingest)
