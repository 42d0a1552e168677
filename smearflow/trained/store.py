"""A model as a folder that needs nothing else: the backbone's files, all weights, a description.

backbone/     the SavedModel as it was before fine-tuning
weights.npz   every weight of the model, in the model's order
model.json    configuration, image size, input range, classes, hash of backbone/
"""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from smearflow.ground.errors import SmearflowError, first_line
from smearflow.ground.files import tree_sha256, write_json
from smearflow.model.hub import copy_module, module_files, module_hash
from smearflow.model.network import build_model, with_embedding
from smearflow.model.quiet import keras, tf
from smearflow.params.model import Configuration, Setting

_AGAIN = "run the stage train again"


class Description(TypedDict):
    """The content of model.json.

    Attributes:
        backbone_sha256: of backbone/.
        classes: names in the order of the outputs.
        configuration: of the training.
        image_size: pixels a side.
        input_range: what the backbone expects for 0 and 255.
    """

    backbone_sha256: str
    classes: list[str]
    configuration: Setting
    image_size: int
    input_range: list[float]


def save_model(
    folder: Path,
    model: keras.Model,
    configuration: Configuration,
    input_range: tuple[float, float],
    classes: tuple[str, str],
) -> None:
    """Write a model of `build_model` to a new folder; the same weights give the same bytes.

    Args:
        classes: names in the order of the outputs.
    """
    folder.mkdir(parents=True)
    copy_module(model.get_layer("backbone").folder, folder / "backbone")
    weights = {f"{index:04}": value for index, value in enumerate(model.get_weights())}
    np.savez(folder / "weights.npz", allow_pickle=False, **weights)
    description: Description = {
        "backbone_sha256": module_hash(folder / "backbone"),
        "classes": list(classes),
        "configuration": configuration.model_dump(mode="json"),
        "image_size": model.input_shape[1],
        "input_range": list(input_range),
    }
    write_json(folder / "model.json", description)


def load_model(folder: Path) -> keras.Model:
    """Read a model back, from its folder alone.

    Returns:
        A model of `build_model`.

    Raises:
        SmearflowError: the folder is no model, or its files do not belong together.
    """
    description = describe_model(folder)
    backbone = folder / "backbone"
    low, high = description["input_range"]
    if module_hash(backbone) != description["backbone_sha256"]:
        raise SmearflowError(f"{backbone} is not the backbone of {folder / 'model.json'}", _AGAIN)
    keras.utils.clear_session()  # it numbers the layers' names, which end up in exported files
    model = build_model(
        backbone,
        description["image_size"],
        (low, high),
        Configuration.model_validate(description["configuration"]),
        seed=0,
    )
    try:
        with np.load(folder / "weights.npz", allow_pickle=False) as weights:
            values = [weights[name] for name in sorted(weights.files)]
    except (OSError, ValueError, zipfile.BadZipFile) as error:  # numpy's, of pickles too
        problem = f"{folder / 'weights.npz'} cannot be read: {first_line(error)}"
        raise SmearflowError(problem, _AGAIN) from error
    if [value.shape for value in values] != [weight.shape for weight in model.weights]:
        raise SmearflowError(f"{folder / 'weights.npz'} belongs to another model", _AGAIN)
    model.set_weights(values)
    return model


def describe_model(folder: Path) -> Description:
    """The content of model.json.

    Raises:
        SmearflowError: the folder holds no model.
    """
    file = folder / "model.json"
    if not file.is_file():
        raise SmearflowError(f"{folder} holds no model (model.json is missing)", _AGAIN)
    description: Description = json.loads(file.read_text())
    return description


def model_hash(folder: Path) -> str:
    """Hash of the folder's content; 64 hex digits."""
    own = [folder / "model.json", folder / "weights.npz"]
    return tree_sha256(folder, own + module_files(folder / "backbone"))


def serving_function(model: keras.Model, image_size: int) -> Callable[[tf.Tensor], Any]:
    """What runs on an edge device, as a tf.function with one signature.

    It takes pixels float32 [1, image_size, image_size, 3], 0..255, and returns a pair:
    probabilities [1, 2] and embedding [1, D].
    """
    both = with_embedding(model)

    @tf.function(input_signature=[tf.TensorSpec((1, image_size, image_size, 3), name="pixels")])
    def serve(pixels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        probabilities, embedding = both(pixels, training=False)
        return probabilities, embedding

    return serve
