import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ai_edge_litert.interpreter import Interpreter

import stages.export
from smearflow.edge.plausible import CellLimits
from smearflow.edge.runtime import EdgeModel, Runner
from smearflow.evaluation.operating import operating_point
from smearflow.ground.files import file_sha256
from smearflow.records.edge import EdgeMetadata
from smearflow.sides.side import load_side
from stages.export import export
from stages.runner import run_in
from tests.stages.project import tree
from tests.stages.trained import make_trained_project


@pytest.fixture(scope="module")
def root(hub_module: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a model; the stage export has run."""
    root = make_trained_project(tmp_path_factory.mktemp("project"), hub_module)
    run_in(root, export)
    return root


FILES = ("model_float32.tflite", "model_weights_int8.tflite", "model_int8.tflite")


def test_every_file_is_described(root: Path) -> None:
    folder = root / "outputs/export"
    edge = json.loads((folder / "edge.json").read_text())
    assert set(edge["models"]) == set(FILES)
    for name, model in edge["models"].items():
        assert model["bytes"] == (folder / name).stat().st_size
        assert model["sha256"] == file_sha256(folder / name)
        assert set(model["differences"]) == {"roc_auc", "sensitivity", "specificity"}
    exact, weights, int8 = (edge["models"][name] for name in FILES)
    assert (exact["agreement"], exact["no_worse"]) == (1.0, True)
    assert exact["largest_difference"] < 1e-5
    assert int8["largest_difference"] > exact["largest_difference"]
    assert weights["bytes"] < exact["bytes"]
    latency = json.loads((root / "reports/export/latency.json").read_text())
    assert set(latency) == set(edge["models"])


def test_the_chosen_file_runs_with_its_own_threshold(root: Path) -> None:
    model = EdgeModel(root / "outputs/export")
    edge = json.loads((root / "outputs/export/edge.json").read_text())
    assert edge["models"][model.file]["no_worse"]
    assert model.threshold == edge["models"][model.file]["threshold"]
    assert model.classes == ("Uninfected", "Parasitized")
    side = load_side(root / "outputs/split", "validation")
    found, embeddings = model.predict(side.pixels)
    expected = pd.read_parquet(root / "outputs/train/validation_predictions.parquet")
    assert found == pytest.approx(expected["probability"].to_numpy(), abs=0.1)
    operating = EdgeMetadata.read(root).operating
    assert operating == operating_point(
        expected["target"], found, expected["patient"], model.threshold, 0.02
    )
    assert embeddings.shape == (len(expected), 16)
    trained = json.loads((root / "outputs/train/summary.json").read_text())
    hits = expected["probability"] >= trained["threshold"]
    positive = side.targets == 1
    assert (found >= model.threshold)[positive].mean() >= hits[positive].mean()


def test_what_the_model_takes_and_returns_is_told(root: Path) -> None:
    edge = json.loads((root / "outputs/export/edge.json").read_text())
    assert {name: edge["input"][name] for name in ("tensor", "shape", "type", "range")} == {
        "tensor": "pixels",
        "shape": [1, 32, 32, 3],
        "type": "float32",
        "range": [0.0, 255.0],
    }
    interpreter = Interpreter(model_path=str(root / "outputs/export" / edge["chosen"]))
    run = interpreter.get_signature_runner()
    (taken,) = run.get_input_details().values()
    assert taken["shape"].tolist() == edge["input"]["shape"]
    given = {name: found["shape"].tolist() for name, found in run.get_output_details().items()}
    assert given == {output["tensor"]: output["shape"] for output in edge["outputs"]}


def test_a_self_test_and_what_a_cell_can_be_travel_with_the_model(root: Path) -> None:
    folder = root / "outputs/export"
    edge = json.loads((folder / "edge.json").read_text())
    files = {cell["file"]: cell["sha256"] for cell in edge["self_test"]["cells"]}
    assert {file.name for file in (folder / "self_test").iterdir()} == {
        Path(name).name for name in files
    }
    assert {name: file_sha256(folder / name) for name in files} == files
    assert all(
        set(cell["probability"]) == set(edge["models"]) for cell in edge["self_test"]["cells"]
    )
    assert EdgeModel(folder).cell == CellLimits(**edge["cell"])
    assert (edge["cell"]["shortest"], edge["cell"]["longest"]) == (16, 64)


def test_hardly_a_cell_is_unlike_those_learned_from_and_noise_is(root: Path) -> None:
    model = EdgeModel(root / "outputs/export")
    cells = load_side(root / "outputs/split", "validation").pixels
    noise = np.random.default_rng(1).integers(0, 256, (20, *cells.shape[1:])).astype(np.uint8)
    assert model.novelty is not None
    found = [
        model.novelty.why_unlike(pixels, model.predict(pixels)[1]) for pixels in (cells, noise)
    ]
    assert sum(why is not None for why in found[0]) <= 2  # one by each limit
    assert None not in found[1]


def test_two_runs_leave_the_same_bytes(root: Path) -> None:
    first = tree(root / "outputs/export")
    run_in(root, export)
    assert tree(root / "outputs/export") == first


def test_an_int8_model_that_does_not_run_is_left_out(
    hub_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing(Runner):
        def __init__(self, path: Path, *arguments: Any) -> None:
            if path.name == "model_int8.tflite":
                raise RuntimeError("failed to prepare")
            super().__init__(path, *arguments)

    monkeypatch.setattr(stages.export, "Runner", Refusing)
    root = make_trained_project(tmp_path / "project", hub_module)
    run_in(root, export)
    edge = json.loads((root / "outputs/export/edge.json").read_text())
    assert edge["chosen"] in FILES[:2]
    assert not (root / "outputs/export/model_int8.tflite").exists()
    pixels = np.zeros((1, 32, 32, 3), np.uint8)
    assert EdgeModel(root / "outputs/export").predict(pixels)[0].shape == (1,)


def test_mobilenet_converts(real_module: Path, tmp_path: Path) -> None:
    root = make_trained_project(tmp_path / "project", real_module)
    run_in(root, export)
    models = json.loads((root / "outputs/export/edge.json").read_text())["models"]
    exact, weights, int8 = (models[name] for name in FILES)
    assert exact["agreement"] == 1.0
    assert exact["largest_difference"] < 1e-3
    assert max(weights["bytes"], int8["bytes"]) < 0.4 * exact["bytes"]
    assert max(int8["pieces"], weights["pieces"]) <= 2  # hard-swish cuts nothing
