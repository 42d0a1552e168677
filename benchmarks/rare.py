"""What it is worth that a rare class weighs more in the loss: rendered cells, few of them positive.

    python -m benchmarks.rare [--positive 0.02] [--seeds 3] [--shares 0 0.2]

A Markdown table with a row per `model.least_class_share`: on test patients, the mean over the seeds
and in brackets the lowest and the highest. All else is as in params.yaml.
"""

import argparse
import io
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.tables import head, row, spread
from smearflow.evaluation.metrics import classification_metrics
from smearflow.evaluation.threshold import choose_threshold
from smearflow.ground.errors import SmearflowError
from smearflow.images.decode import pixels_of
from smearflow.model.training import predict, train_once
from smearflow.parallel import ordered_map
from smearflow.params.whole import Params, load_params
from smearflow.sample.cell import render_cell
from smearflow.sides.side import Side

SEED = 7  # of the cells
PATIENTS = (40, 30, 60)  # to train on, to validate and to test on
CELLS = 100  # of each
FIGURES = ("pr_auc", "roc_auc", "sensitivity", "specificity", "precision", "calibration_error")
PARAMETERS = Path("params.yaml")


class Order(NamedTuple):
    """A cell to be drawn, and pixels a side."""

    patient: int
    cell: int
    positive: bool
    size: int


def main(arguments: list[str] | None = None) -> None:
    """Draw, train and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rare", description=__doc__)
    parser.add_argument("--positive", type=float, default=0.02, help="share of the cells")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--shares", type=float, nargs="+", default=[0.0, 0.2])
    parser.add_argument("--patients", type=int, nargs=3, default=PATIENTS)
    options = parser.parse_args(arguments)
    params = load_params(PARAMETERS)
    sides = draw_sides(options.positive, params.split.image_size, options.patients)
    counts = ", ".join(f"{side.targets.sum()} of {len(side.targets):,}" for side in sides)
    print(f"positive cells to train, validate and test on: {counts}\n", flush=True)
    print(head("share", *FIGURES), flush=True)
    for share in options.shares:
        found = [figures(sides, params, share, seed) for seed in range(1, options.seeds + 1)]
        cells = (spread(each[name] for each in found) for name in FIGURES)
        print(row(f"{share:g}", *cells), flush=True)


def draw_sides(positive: float, size: int, patients: Sequence[int]) -> list[Side]:
    """Cells to train, to validate and to test on, of different patients.

    Args:
        positive: share of the cells.
        size: pixels a side.
        patients: on each side.
    """
    starts = np.cumsum([1, *patients]).tolist()
    return [_draw(range(first, last), positive, size) for first, last in pairwise(starts)]


def _draw(patients: range, positive: float, size: int) -> Side:
    random = np.random.default_rng([SEED, patients.start])
    orders = [
        Order(patient, cell, bool(random.random() < positive), size)
        for patient in patients
        for cell in range(CELLS)
    ]
    table = pd.DataFrame(
        {
            "patient": [f"sample/C{each.patient}" for each in orders],
            "target": np.array([each.positive for each in orders], np.int8),
        }
    )
    return Side(np.stack(list(ordered_map(_pixels, orders, len(orders)))), table)


def _pixels(order: Order) -> np.ndarray:
    cell = render_cell(SEED, order.patient, order.cell, order.positive)
    stream = io.BytesIO()
    Image.fromarray(cell.pixels).save(stream, "PNG")
    return pixels_of(stream.getvalue(), order.size)


def figures(
    sides: Sequence[Side], params: Params, share: float, seed: int
) -> dict[str, float | None]:
    """Figures on the test side of a network trained with a `least_class_share`.

    Raises:
        SmearflowError: no epoch ended.
    """
    train, validation, test = sides
    run = train_once(
        train,
        validation,
        Path(params.model.backbone),
        params.model.configuration,
        seed=seed,
        input_range=params.model.input_range,
        least_class_share=share,
    )
    if run.best_epoch is None:
        raise SmearflowError("training diverged", "lower model.configuration.learning_rate")
    told = predict(run.model, validation.pixels)[0]
    threshold = choose_threshold(validation.targets, told, params.problem.required_sensitivity)
    return classification_metrics(test.targets, predict(run.model, test.pixels)[0], threshold)


if __name__ == "__main__":
    main()
