"""Test material made on the spot: cell-like images, a TF-Hub-format module, short settings."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from ruamel.yaml import YAML

from smearflow.cells.files import survey
from smearflow.cells.labels import Labels
from smearflow.cells.raw import write_raw
from tests.cells.deep_files import tiff

PROJECT = Path(__file__).resolve().parents[1]
CLASSES = ("Parasitized", "Uninfected")
LABELS = Labels.named(("Uninfected", "Parasitized"))


def cell_image(rng: np.random.Generator, *, parasitized: bool, stain: float = 0.0) -> Image.Image:
    """A pink disc on black, 40-56 pixels wide; parasitized ones carry a dark purple dot.

    Args:
        stain: moves the colour of the cell, to tell patients or laboratories apart.
    """
    size = int(rng.integers(40, 57))
    rows, columns = np.mgrid[:size, :size] / (size - 1) * 2 - 1
    pixels = np.zeros((size, size, 3))
    inside = rows**2 + columns**2 < 0.9
    pixels[inside] = np.array([215, 165, 175]) + stain * np.array([-60, 20, 40])
    if parasitized:
        row, column = rng.uniform(-0.4, 0.4, 2)
        pixels[(rows - row) ** 2 + (columns - column) ** 2 < 0.06] = (105, 40, 125)
    pixels[inside] += rng.normal(0, 6, (int(inside.sum()), 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def write_cells(
    folder: Path,
    *,
    patients: int = 24,
    per_class: int = 4,
    seed: int = 1,
    first_patient: int = 1,
    stain: float = 0.0,
) -> Path:
    """Write `<label>/C<patient>P<n>ThinF_IMG_..._cell_<k>.png`, both classes; returns `folder`."""
    rng = np.random.default_rng(seed)
    for label in CLASSES:
        (folder / label).mkdir(parents=True, exist_ok=True)
    for patient in range(first_patient, first_patient + patients):
        own_stain = stain + rng.normal(0, 0.1)
        for label in CLASSES:
            for cell in range(per_class):
                image = cell_image(rng, parasitized=label == CLASSES[0], stain=own_stain)
                field = f"C{patient}P{patient + 9}ThinF_IMG_20150918_14{cell % 2}104"
                image.save(folder / label / f"{field}_cell_{cell}.png")
    return folder


def write_deep_cells(cells: Path, folder: Path, white: int = 4095) -> Path:
    """The same cells as 16-bit RGB TIFFs with samples from 0 to `white`; returns `folder`."""
    for file in sorted(cells.glob("*/*.png")):
        deep = folder / file.relative_to(cells).with_suffix(".tif")
        deep.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.asarray(Image.open(file))
        deep.write_bytes(tiff(np.rint(pixels / 255 * white).astype(np.uint16)))
    return folder


def write_hub_module(
    folder: Path, *, seed: int = 1, features: int = 16, channels: int = 3, pooled: bool = True
) -> Path:
    """Write a two-convolution feature extractor as a TF2 reusable SavedModel; returns `folder`.

    It has the interface of TF-Hub feature vectors: `__call__(inputs, training)` on float32
    [batch, height, width, 3] in [0, 1], `variables`, `trainable_variables`,
    `regularization_losses`.

    Args:
        channels: of the images it takes; 3 in every feature vector of images.
        pooled: False makes a map of features instead of a vector.
    """
    import tensorflow as tf

    generator = tf.random.Generator.from_seed(seed)

    class Extractor(tf.train.Checkpoint):
        # tf.Module would not do: its `variables` are computed, and so not saved
        def __init__(self) -> None:
            super().__init__()
            self.first = tf.Variable(
                generator.normal((3, 3, channels, 8)) * 0.3, name="first/kernel"
            )
            self.second = tf.Variable(
                generator.normal((3, 3, 8, features)) * 0.2, name="second/kernel"
            )
            self.bias = tf.Variable(tf.zeros(features), name="second/bias")
            self.variables = [self.first, self.second, self.bias]
            self.trainable_variables = [self.first, self.second, self.bias]
            self.regularization_losses: list[Any] = []

        @tf.function(
            input_signature=[
                tf.TensorSpec((None, None, None, channels), tf.float32, name="inputs"),
                tf.TensorSpec((), tf.bool, name="training"),
            ]
        )
        def __call__(self, inputs: Any, training: Any = False) -> Any:
            del training  # nothing here behaves differently in training
            hidden = tf.nn.relu(tf.nn.conv2d(inputs, self.first, 2, "SAME"))
            hidden = tf.nn.relu(tf.nn.conv2d(hidden, self.second, 2, "SAME") + self.bias)
            return tf.reduce_max(hidden, axis=(1, 2)) if pooled else hidden

    tf.saved_model.save(Extractor(), str(folder))
    return folder


def store_raw(cells: Path, archive: Path) -> list[str]:
    """Store the files of class folders as the stage ingest does; returns their paths."""
    paths = [path for path in survey(cells).images if len(path.parts) > 1]
    write_raw(archive, ((str(path), (cells / path).read_bytes()) for path in paths))
    return [str(path) for path in paths]


def short_params(location: Path, backbone: Path) -> dict[str, Any]:
    """The nih profile, cut down to seconds: 32 pixels, two trials, two epochs, one seed."""
    params: dict[str, Any] = YAML(typ="safe").load(PROJECT / "profiles" / "nih.yaml")
    params["problem"]["targets"] = {"validation": {"accuracy": 0.1}, "test": {"accuracy": 0.1}}
    params["ingest"]["sources"][0] |= {"location": str(location)}
    params["split"] |= {"image_size": 32, "validation": 0.25, "test": 0.25}
    params["split"]["floors"] = {"cells": 4, "patients": 2}
    params["model"]["backbone"] = str(backbone)
    params["model"]["configuration"] |= {"batch_size": 16, "epochs": 2}
    params["explore"] |= short_exploration()
    params["tune"] |= {"trials": 2, "epochs": 2, "finalists": 0}
    params["train"]["epochs"] = 3
    params["export"] |= {"calibration_cells": 16, "bootstrap_samples": 100}
    params["evaluate"]["bootstrap_samples"] = 100
    params["baseline"]["resamples"] = 20
    params["monitor"]["least_cells"] = 10
    params["crossval"] |= {"folds": 2}
    params["engine"]["workers"] = 1  # starting a second one takes longer than these runs
    params["crossval"]["configuration"] |= {"epochs": 1, "batch_size": 16}
    return params


def short_exploration() -> dict[str, Any]:
    quick = "it is quick"
    return {
        "experiments": [_short_experiment(), _short_head()],
        "words": {
            "optimizer": {
                "question": "Which optimizer learns these cells best?",
                "because": {"epochs": quick},
            },
            "head": {
                "question": "What matters in a head?",
                "because": {"trainable": quick, "epochs": quick},
            },
        },
    }


def _short_experiment() -> dict[str, Any]:
    return {
        "name": "optimizer",
        "scientific": {"optimizer": ["adam", "sgd"]},
        "nuisance": {"learning_rate": [2e-4, 3e-3]},
        "fixed": {"epochs": 2},
        "seeds": [1, 2],
        "budget": 8,
        "train_fraction": 0.5,
    }


def _short_head() -> dict[str, Any]:
    return {
        "name": "head",
        "scientific": {
            "dropout": {"low": 0.0, "high": 0.5},
            "learning_rate": {"low": 1e-3, "high": 1e-1, "sampling": "log"},
        },
        "fixed": {"trainable": "frozen", "epochs": 2},
        "seeds": [1],
        "budget": 8,
        "train_fraction": 0.5,
    }
