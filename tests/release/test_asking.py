"""What a release says about the test cells of a run, whatever both are made for."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from smearflow.edge.runtime import EdgeModel
from smearflow.params.whole import load_params
from smearflow.release.asking import cells_for, compare_models, rival_of
from smearflow.release.folder import Champion, Release
from smearflow.splitting.splits import side_of
from tests.exported import SIZE
from tests.material import short_params, store_raw, write_cells
from tests.records.examples import SPLIT
from tests.stages.project import write_params

pytestmark = pytest.mark.heavy


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The test side of a run: 24 patients with two cells of each class, packed at twice the size
    that the model takes."""
    root = tmp_path / "run"
    (root / "outputs/split").mkdir(parents=True)
    (root / "outputs/ingest/raw").mkdir(parents=True)
    paths = store_raw(
        write_cells(tmp_path / "cells", per_class=2), root / "outputs/ingest/raw/nih.zip"
    )
    table = pd.DataFrame({"path": [f"nih/{path}" for path in paths], "white": 255.0})
    table["patient"] = "nih/" + table["path"].str.extract(r"(C\d+)P")[0]
    table["target"] = table["path"].str.contains("Parasitized").astype("int8")
    table.to_parquet(root / "outputs/split/test.parquet")
    pixels = np.zeros((len(table), 2 * SIZE, 2 * SIZE, 3), np.uint8)
    np.save(root / "outputs/split/test.npy", pixels)
    SPLIT.model_copy(update={"image_size": 2 * SIZE}).write(root / "outputs/split")
    write_params(root, short_params(Path("cells"), Path("module")))
    return root


@pytest.fixture
def champion(run: Path, export_folder: Path, tmp_path: Path) -> Champion:
    folder = tmp_path / "champion"
    shutil.copytree(export_folder, folder / "export")
    shutil.copy2(run / "params.yaml", folder)
    return Champion("a", folder, "the first", "2030-05-01")


def test_cells_are_resized_for_a_model_of_another_size(run: Path, export_folder: Path) -> None:
    model = EdgeModel(export_folder)
    resized = cells_for(run, model)
    assert resized.shape == (96, SIZE, SIZE, 3)
    assert resized.std() > 10  # of the images themselves: the packed pixels are all black
    np.save(run / "outputs/split/test.npy", resized)
    packed = SPLIT.model_copy(update={"image_size": SIZE, "stain_normalised": False})
    packed.write(run / "outputs/split")
    assert np.array_equal(cells_for(run, model), resized)
    SPLIT.model_copy(update={"image_size": SIZE, "stain_normalised": True}).write(
        run / "outputs/split"
    )
    np.save(run / "outputs/split/test.npy", np.zeros_like(resized))
    assert np.array_equal(cells_for(run, model), resized)  # packed for a model that asks for it


def test_only_patients_that_a_model_was_not_trained_on_are_held_out(
    run: Path, champion: Champion
) -> None:
    found = rival_of(champion, run)
    patients = pd.read_parquet(run / "outputs/split/test.parquet")["patient"]
    assert found.held_out.tolist() == [side_of(each, 0.25, 0.25) == "test" for each in patients]
    assert 0 < found.held_out.sum() < 96
    settings: dict[str, Any] = YAML(typ="safe").load(champion.folder / "params.yaml")
    del settings["split"]  # an earlier version
    write_params(champion.folder, settings)
    assert rival_of(champion, run).held_out.all()


def test_a_model_is_no_worse_than_itself(run: Path, champion: Champion) -> None:
    settings = load_params(run / "params.yaml")
    release = Release("b", champion.folder)
    (found,) = compare_models(release, [rival_of(champion, run)], run, "nih", settings)
    assert (found.rival, found.standing, found.site) == ("a", "champion", None)
    assert found.cells == 4 * found.patients
    assert {each.value for each in found.differences.values()} == {0.0}
    apart = compare_models(release, [rival_of(champion, run)], run, "elsewhere", settings)
    assert [each.site for each in apart] == [None, "elsewhere", "nih"]
    assert [each.patients > 0 for each in apart] == [True, False, True]
