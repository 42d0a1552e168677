import json
import shutil
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.model.network import build_model
from smearflow.model.training import predict
from smearflow.trained.store import (
    describe_model,
    load_model,
    model_hash,
    save_model,
    serving_function,
)
from tests.toy_sides import INPUT_RANGE, SHORT, SIZE, toy_side

pytestmark = pytest.mark.heavy

CLASSES = ("Uninfected", "Parasitized")


@pytest.fixture
def backbone(hub_module: Path, tmp_path: Path) -> Path:
    """A copy that a test may delete."""
    return Path(shutil.copytree(hub_module, tmp_path / "backbone"))


@pytest.fixture
def model(backbone: Path) -> keras.Model:
    """Fine-tuned, in that its backbone is not the original one any more."""
    model = build_model(backbone, SIZE, INPUT_RANGE, SHORT, seed=1)
    kernel = model.get_layer("backbone").weights[0]
    kernel.assign(kernel * 1.5)
    return model


def test_a_saved_model_needs_nothing_but_its_folder(
    model: keras.Model, backbone: Path, tmp_path: Path
) -> None:
    pixels = toy_side(patients=2).pixels
    expected = predict(model, pixels)
    save_model(tmp_path / "saved", model, SHORT, INPUT_RANGE, CLASSES)
    shutil.rmtree(backbone)
    (tmp_path / "saved").rename(tmp_path / "moved")
    probabilities, embeddings = predict(load_model(tmp_path / "moved"), pixels)
    assert (probabilities == expected[0]).all()
    assert (embeddings == expected[1]).all()
    assert describe_model(tmp_path / "moved") == {
        "backbone_sha256": describe_model(tmp_path / "moved")["backbone_sha256"],
        "classes": ["Uninfected", "Parasitized"],
        "configuration": SHORT.model_dump(mode="json"),
        "image_size": SIZE,
        "input_range": [0.0, 1.0],
    }


def test_same_weights_same_bytes(model: keras.Model, tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_model(tmp_path / name, model, SHORT, INPUT_RANGE, CLASSES)
    assert model_hash(tmp_path / "one") == model_hash(tmp_path / "two")
    with zipfile.ZipFile(tmp_path / "one" / "weights.npz") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
    assert str(tmp_path) not in (tmp_path / "one" / "model.json").read_text()
    model.get_layer("hidden").kernel.assign_add(np.full((16, 8), 1e-3, np.float32))
    save_model(tmp_path / "three", model, SHORT, INPUT_RANGE, CLASSES)
    assert model_hash(tmp_path / "three") != model_hash(tmp_path / "one")


def test_files_that_do_not_belong_together_are_refused(model: keras.Model, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    save_model(folder, model, SHORT, INPUT_RANGE, CLASSES)
    description = json.loads((folder / "model.json").read_text())
    with pytest.raises(SmearflowError, match="holds no model"):
        load_model(tmp_path)
    other = description | {"configuration": description["configuration"] | {"hidden_units": 9}}
    (folder / "model.json").write_text(json.dumps(other))
    with pytest.raises(SmearflowError, match="belongs to another model"):
        load_model(folder)
    (folder / "model.json").write_text(json.dumps(description | {"backbone_sha256": "0" * 64}))
    with pytest.raises(SmearflowError, match="is not the backbone"):
        load_model(folder)


def test_weights_that_are_pickles_are_not_unpickled(model: keras.Model, tmp_path: Path) -> None:
    folder, owned = tmp_path / "saved", tmp_path / "owned"

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (owned,)

    save_model(folder, model, SHORT, INPUT_RANGE, CLASSES)
    weights = np.empty(1, object)
    weights[0] = Evil()
    np.savez(folder / "weights.npz", allow_pickle=True, **{"0000": weights})
    with pytest.raises(SmearflowError, match=r"cannot be read: .*allow_pickle"):
        load_model(folder)
    assert not owned.exists()


def test_serving_function_agrees_with_predict(model: keras.Model) -> None:
    pixels = toy_side(patients=2).pixels
    probabilities, embeddings = predict(model, pixels)
    serve = serving_function(model, SIZE)
    for number, image in enumerate(pixels[:3]):
        softmax, embedding = serve(image[None].astype(np.float32))
        assert softmax.shape == (1, 2)
        assert np.allclose(softmax[0, 1], probabilities[number], atol=1e-6)
        assert np.allclose(embedding[0], embeddings[number], atol=1e-5)


def test_input_range_is_what_the_backbone_gets(hub_module: Path) -> None:
    pixels = toy_side(patients=1).pixels
    usual = build_model(hub_module, SIZE, (0.0, 1.0), SHORT, seed=1)
    shifted = build_model(hub_module, SIZE, (-1.0, 1.0), SHORT, seed=1)
    backbone = usual.get_layer("backbone")
    for model, scaled in ((usual, pixels / 255), (shifted, pixels / 127.5 - 1)):
        _, embeddings = predict(model, pixels)
        assert np.allclose(embeddings, backbone(scaled.astype(np.float32)), atol=1e-4)
