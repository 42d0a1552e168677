import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from smearflow.edge.contract import describe_input
from smearflow.edge.runtime import LOOK_YOURSELF, EdgeModel, measure_latency
from smearflow.ground.errors import SmearflowError
from smearflow.images.decode import pixels_of
from smearflow.images.stain import normalised_slides
from tests.material import PROJECT


def test_predicts_as_the_original(export_folder: Path, pixels: Any, expected: Any) -> None:
    model = EdgeModel(export_folder)
    assert (model.classes, model.threshold) == (("Uninfected", "Parasitized"), 0.4)
    probabilities, embeddings = model.predict(pixels)
    assert probabilities == pytest.approx(expected[0], abs=1e-5)
    assert embeddings == pytest.approx(expected[1], abs=1e-4)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"lower": 0.1, "upper": 0.7}, ["Uninfected", LOOK_YOURSELF, LOOK_YOURSELF, "Parasitized"]),
        (None, ["Uninfected", "Uninfected", "Parasitized", "Parasitized"]),  # an earlier export
    ],
)
def test_an_answer_is_given_where_the_model_is_sure(
    export_folder: Path, tmp_path: Path, answers: Any, expected: list[str]
) -> None:
    folder = Path(shutil.copytree(export_folder, tmp_path / "export"))
    description = json.loads((folder / "edge.json").read_text())
    if answers:
        description["operating"] = {"answers": answers, "temperature": 1.2}
    (folder / "edge.json").write_text(json.dumps(description))
    model = EdgeModel(folder)
    assert [model.answer(each) for each in (0.09, 0.1, 0.4, 0.7)] == expected


def test_a_cell_scores_the_same_alone_and_in_company(export_folder: Path, pixels: Any) -> None:
    model = EdgeModel(export_folder)
    together = model.predict(pixels)[1]
    alone = np.concatenate([model.predict(pixels[[index]])[1] for index in range(len(pixels))])
    assert np.array_equal(together, alone)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (17, 3), (24, 24), (131, 97), (900, 1201)])
def test_an_image_of_any_size_is_fed_as_in_training(
    export_folder: Path, shape: tuple[int, int]
) -> None:
    model, stream = EdgeModel(export_folder), io.BytesIO()
    pixels = np.random.default_rng(2).integers(0, 256, (*shape, 3), np.uint8)
    Image.fromarray(pixels).save(stream, "PNG")
    packed = pixels_of(stream.getvalue(), model.image_size)
    assert model.probability(stream.getvalue()) == model.predict(packed[np.newaxis])[0][0]


def test_a_slide_is_seen_without_its_stain_where_the_model_learned_so(
    export_folder: Path, tmp_path: Path, pixels: Any
) -> None:
    folder = Path(shutil.copytree(export_folder, tmp_path / "export"))
    description = json.loads((folder / "edge.json").read_text())
    size = description["image_size"]
    description["input"] = describe_input(size, stain_normalised=True)
    (folder / "edge.json").write_text(json.dumps(description))
    model, slides = EdgeModel(folder), ["a"] * 3 + ["b"] * (len(pixels) - 3)
    assert (model.prepared(pixels, slides) == normalised_slides(pixels, slides)).all()
    assert (EdgeModel(export_folder).prepared(pixels, slides) == pixels).all()
    description["input"]["stain"]["disc"] = 0.5
    (folder / "edge.json").write_text(json.dumps(description))
    with pytest.raises(SmearflowError, match="stain"):
        EdgeModel(folder)


def test_no_cells_are_no_results(export_folder: Path, pixels: Any) -> None:
    probabilities, embeddings = EdgeModel(export_folder).predict(pixels[:0])
    assert probabilities.shape == (0,)
    assert embeddings.shape == (0, 12)


@pytest.mark.parametrize("change", [lambda p: p / 255, lambda p: p[:, :-1], lambda p: p[0]])
def test_pixels_of_another_kind_are_refused(export_folder: Path, pixels: Any, change: Any) -> None:
    with pytest.raises(ValueError, match="not uint8"):
        EdgeModel(export_folder).predict(change(pixels))


def test_a_damaged_export_is_named(export_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(export_folder, tmp_path / "export"))
    file = folder / "model_float32.tflite"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(SmearflowError, match=r"model_float32\.tflite is missing or not the file"):
        EdgeModel(folder)
    file.unlink()
    with pytest.raises(SmearflowError, match="is missing"):
        EdgeModel(folder)
    (folder / "edge.json").write_text(json.dumps({})[:-1])
    with pytest.raises(SmearflowError, match=r"edge\.json is damaged"):
        EdgeModel(folder)
    with pytest.raises(SmearflowError, match="holds no edge model"):
        EdgeModel(tmp_path)


def test_latency_is_positive_and_ordered(export_folder: Path, pixels: Any) -> None:
    found = measure_latency(export_folder / "model_float32.tflite", pixels[0], runs=20)
    assert 0 < found["p50_ms"] <= found["p95_ms"]


def test_needs_neither_tensorflow_nor_pandas() -> None:
    code = (
        "import sys, smearflow.edge.runtime\n"
        "print({'tensorflow', 'keras', 'pandas', 'sklearn'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"


def test_a_model_loads_without_a_word_of_its_library(export_folder: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom smearflow.edge.runtime import EdgeModel\n"
        "EdgeModel(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(export_folder)]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")
