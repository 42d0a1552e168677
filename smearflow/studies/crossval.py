"""Patient-disjoint cross-validation of one configuration: every cell is predicted once."""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.engine.folds import Indices, patient_folds
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_bytes
from smearflow.ground.settings import fingerprint
from smearflow.model.callbacks import DivergedError
from smearflow.model.fit import fit_blindly
from smearflow.model.hub import module_hash
from smearflow.model.training import new_model, predict
from smearflow.model.weighting import ClassWeights, class_weights
from smearflow.params.model import Configuration
from smearflow.sides.side import Side


def cross_validate(
    side: Side,
    backbone: Path,
    configuration: Configuration,
    folds: int,
    seed: int,
    work: Path,
    *,
    training_seed: int,
    input_range: tuple[float, float],
    least_class_share: float,
) -> pd.DataFrame:
    """Train on all folds but one and predict that one, for each fold; prints a line per fold.

    The fold held out decides nothing: training lasts exactly `configuration.epochs` epochs, with a
    learning rate that falls to 0 as a half cosine after its warm-up, and its last weights are used.

    Args:
        seed: of the folds.
        training_seed: of the networks.
        least_class_share: of `weighting.class_weights`, which are those of a fold's training cells.
        work: existing folder for finished folds; a second call with the same arguments reuses them.

    Returns:
        A row per cell, in the order of `side`: fold (from 1), cell_id, patient, target and
        probability.

    Raises:
        SmearflowError: too few patients, or the loss ceased to be finite.
    """
    state = fingerprint(
        {
            "backbone": module_hash(backbone),
            "cells": [
                side.table["cell_id"].tolist(),
                side.patients.tolist(),
                side.targets.tolist(),
            ],
            "configuration": configuration.model_dump(mode="json"),
            "folds": folds,
            "image_size": side.pixels.shape[1],
            "input_range": input_range,
            "least_class_share": least_class_share,
            "pixels": hashlib.sha256(np.ascontiguousarray(side.pixels).data).hexdigest(),
            "seed": seed,
            "training_seed": training_seed,
        }
    )[:16]
    parts = []
    dealt = patient_folds(side.people, side.targets, folds, seed, "crossval.folds")
    for number, held_out in enumerate(dealt, start=1):
        file = work / f"{state}-{number}.parquet"
        if not file.is_file():
            train = side.take(np.setdiff1d(np.arange(len(side.targets)), held_out))
            probabilities = _train_and_predict(
                train,
                side.pixels[held_out],
                backbone,
                configuration,
                training_seed,
                input_range,
                class_weights(train.targets, least_class_share),
            )
            part = _predictions(side, held_out, probabilities, number)
            write_bytes(file, part.to_parquet())
        parts.append(pd.read_parquet(file))
        print(f"crossval {number} of {folds}: {_describe(parts[-1])}", flush=True)
    return pd.concat(parts).sort_index()


def fold_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Cells, patients and accuracy (at 0.5) of each fold, from the result of `cross_validate`."""
    hits = (predictions["probability"] >= 0.5) == (predictions["target"] == 1)
    grouped = predictions.assign(hit=hits).groupby("fold")
    table = grouped.agg(
        cells=("cell_id", "size"), patients=("patient", "nunique"), accuracy=("hit", "mean")
    )
    return table.reset_index()


def _train_and_predict(
    train: Side,
    pixels: npt.NDArray[np.uint8],
    backbone: Path,
    configuration: Configuration,
    seed: int,
    input_range: tuple[float, float],
    weights: ClassWeights | None,
) -> npt.NDArray[np.float32]:
    model = new_model(pixels.shape[1], backbone, configuration, seed=seed, input_range=input_range)
    try:
        fit_blindly(model, train, configuration, seed=seed, weights=weights)
    except DivergedError as error:
        raise SmearflowError(
            "the loss of a fold ceased to be finite", "lower crossval.configuration.learning_rate"
        ) from error
    return predict(model, pixels)[0]


def _predictions(
    side: Side, held_out: Indices, probabilities: npt.NDArray[np.float32], number: int
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "fold": number,
            "cell_id": side.table["cell_id"].to_numpy()[held_out],
            "patient": side.patients[held_out],
            "target": side.targets[held_out],
            "probability": probabilities,
        },
        index=held_out,
    )


def _describe(part: pd.DataFrame) -> str:
    (row,) = fold_table(part).itertuples()
    return f"{row.cells} cells of {row.patients} patients -> accuracy {row.accuracy:.4f}"
