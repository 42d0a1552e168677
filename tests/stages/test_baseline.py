import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smearflow.cells.raw import write_raw
from smearflow.images.statistics import STATISTICS
from smearflow.windows.read import read_window
from stages import baseline as stage
from stages.runner import run_in
from tests.material import short_params
from tests.monitoring.colour_model import ColourModel
from tests.stages.project import make_project, tree


@pytest.fixture
def project(tmp_path: Path, cells: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose stages up to evaluate left what baseline reads."""
    monkeypatch.setattr(stage, "EdgeModel", ColourModel)
    root = make_project(tmp_path, short_params(cells, cells))
    for name in ("split", "export", "evaluate"):
        (root / "outputs" / name).mkdir(parents=True)
    window = read_window(cells, ColourModel.image_size)
    target = window.table["path"].str.startswith("Parasitized").astype(np.int8)
    table = window.table.assign(target=target, side="validation")
    np.save(root / "outputs/split/validation.npy", window.pixels)
    write_raw(
        root / "outputs/ingest/raw/toy.zip",
        [(path, (cells / path).read_bytes()) for path in table["path"]],
    )
    table = table.assign(source="toy", path="toy/" + table["path"])
    table.to_parquet(root / "outputs/split/validation.parquet")
    table.head(0).to_parquet(root / "outputs/split/train.parquet")
    predictions = table[["cell_id", "patient", "target"]].assign(edge_probability=0.9)
    predictions.to_parquet(root / "outputs/evaluate/predictions.parquet")
    return root


def test_the_same_bytes_twice(project: Path) -> None:
    run_in(project, stage.baseline)
    first = tree(project / "outputs/baseline")
    run_in(project, stage.baseline)
    assert tree(project / "outputs/baseline") == first
    assert set(first) == {
        "baseline.json",
        "projection.npz",
        "reference.parquet",
        "imaged.parquet",
        "cells.npy",
    }


def test_what_later_windows_need(project: Path) -> None:
    run_in(project, stage.baseline)
    folder = project / "outputs/baseline"
    notes = json.loads((folder / "baseline.json").read_text())
    assert (notes["cells"], notes["patients"]) == (192, 24)
    assert notes["model_sha256"] == ColourModel.sha256
    assert notes["expected"]["positive_share"]["value"] == 1.0
    assert notes["expected"]["accuracy"]["value"] == 0.5
    assert [limits["resamples"] for limits in notes["limits"]] == [20, 20, 20]
    reference = pd.read_parquet(folder / "reference.parquet")
    assert list(reference)[:2] == ["cell_id", "patient"]
    assert {*STATISTICS, "probability", "label", "e0"} <= set(reference)
    assert len(reference) == 192
