"""A project whose stages split and train have run: arrays made on the spot, an untrained model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from smearflow.evaluation.threshold import choose_threshold
from smearflow.ground.files import write_json
from smearflow.images.statistics import measure
from smearflow.model.network import build_model
from smearflow.model.training import predict
from smearflow.records.training import DefaultTraining
from smearflow.sides.side import Side
from smearflow.sides.tables import write_table
from smearflow.trained.store import model_hash, save_model
from tests.material import short_params
from tests.records import examples
from tests.stages.project import make_project
from tests.toy_sides import INPUT_RANGE, SHORT, SIZE, toy_side

CLASSES = ("Uninfected", "Parasitized")
MET = examples.MET.model_dump(mode="json")


def make_trained_project(root: Path, hub_module: Path) -> Path:
    """Write params.yaml and what split and train leave, as far as later stages read it."""
    make_project(root, short_params(root, hub_module))
    split, train = root / "outputs/split", root / "outputs/train"
    split.mkdir(parents=True)
    sides = {
        name: toy_side(seed=seed, prefix=f"{name}/")
        for seed, name in enumerate(("train", "validation", "test"))
    }
    for name, side in sides.items():
        np.save(split / f"{name}.npy", side.pixels)
        write_table(_measured(side), split / f"{name}.parquet")
    examples.SPLIT.write(split)

    model = build_model(hub_module, SIZE, INPUT_RANGE, SHORT, seed=1)
    save_model(train / "model", model, SHORT, INPUT_RANGE, CLASSES)
    validation = sides["validation"]
    probabilities, _ = predict(model, validation.pixels)
    predictions = validation.table.assign(probability=probabilities)
    write_table(predictions, train / "validation_predictions.parquet")
    threshold = choose_threshold(validation.targets, probabilities, 0.5)
    found = {"model_sha256": model_hash(train / "model"), "threshold": threshold}
    examples.TRAINING.model_copy(update=found).write(train)
    default = build_model(hub_module, SIZE, INPUT_RANGE, SHORT, seed=2)
    save_model(train / DefaultTraining.MODEL, default, SHORT, INPUT_RANGE, CLASSES)
    usual = DefaultTraining(configuration=SHORT, outcome="trained", threshold=0.5)
    usual.write(train)
    return root


def _measured(side: Side) -> pd.DataFrame:
    """The table of a side with what the manifest tells of the images."""
    found = [measure(Image.fromarray(pixels)) for pixels in side.pixels]
    return side.table.assign(width=SIZE, height=SIZE).join(pd.DataFrame(found))


def change_json(file: Path, **values: Any) -> None:
    """Set keys of a JSON file."""
    write_json(file, json.loads(file.read_text()) | values)
