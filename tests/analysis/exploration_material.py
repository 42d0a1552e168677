"""A made-up exploration: the default experiments, runs that look like real ones, their answers."""

import math
from typing import Any

import numpy as np

from smearflow.analysis.runs import analyse_runs
from smearflow.experiments.plan import plan_runs
from smearflow.params.explore import Experiment, Explore
from smearflow.params.model import Configuration
from smearflow.params.whole import Params, load_params
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.exploration import Histogram, Landmarks, RunRecord
from tests.material import PROJECT

LAYERS = ("first kernel", "first bias", "last kernel", "last bias")
HEAD = ("hidden kernel", "hidden bias", "classifier kernel", "classifier bias")
BINS = 30


def asked() -> Explore:
    """The section of params.yaml."""
    return _params().explore


def experiments() -> tuple[Experiment, ...]:
    """Those of params.yaml."""
    return asked().experiments


def base() -> Configuration:
    """What they start from."""
    return _params().model.configuration


def _params() -> Params:
    return load_params(PROJECT / "params.yaml")


def runs() -> list[RunRecord]:
    """One record per planned run: rates that are too high diverge, the best are near 0.001."""
    return [
        RunRecord(
            id=each.job.id,
            experiments=each.experiments,
            configuration=each.job.configuration,
            seed=each.job.seed,
            **_outcome(each.job.configuration, _generator(each.job.id)),
        )
        for each in plan_runs(experiments(), base())
    ]


def _generator(run: str) -> np.random.Generator:
    return np.random.default_rng(int(run, 16))


def _outcome(settings: Configuration, rng: np.random.Generator) -> dict[str, Any]:
    scale = 1.0 if settings.optimizer == "adam" else 1.3  # of good learning rates
    scale *= 4.0 if settings.trainable == "frozen" else 1.0
    rate = settings.learning_rate / scale
    diverged = rate > 0.02 and settings.gradient_clip is None
    curve = _diverging(settings, rng) if diverged else _curve(settings, rate, rng)
    change = {
        name: None if diverged else float(rate * rng.uniform(5, 50))
        for name in (*(LAYERS if settings.trainable != "frozen" else ()), *HEAD)
    }
    losses = [math.inf if loss is None else loss for loss in curve["val_loss"]]
    best = losses.index(min(losses))
    return {
        "status": "diverged" if diverged else "completed",
        "best_epoch": None if diverged else best + 1,
        "val_loss": None if diverged else losses[best],
        "val_accuracy": None if diverged else curve["val_accuracy"][best],
        "steps": 7 * len(losses),
        "curve": curve,
        "weight_change": change,
    }


def _curve(settings: Configuration, rate: float, rng: np.random.Generator) -> dict[str, Any]:
    epochs = np.arange(settings.epochs)
    decades = math.log10(rate / 1e-3)
    floor = 0.14 * math.exp(
        0.5 * decades**2
        + 0.3 * settings.dropout * (1 if settings.augment else -0.5)
        + 0.25 * (settings.trainable == "frozen")
        + 0.2 * (settings.hidden_units < 20)
        - 0.08 * settings.augment
        + rng.normal(0, 0.06)
    )
    loss = floor * 0.8 + 0.5 * np.exp(-epochs * (0.9 + 0.3 * decades)) * rng.uniform(0.8, 1.2)
    overfit = 0.0 if settings.augment or settings.dropout > 0.3 else 0.05
    val_loss = loss / 0.8 * rng.normal(1, 0.05, len(epochs)) + overfit * epochs
    norms = (1 + 20 * rate) * np.exp(rng.normal(0, 0.3, len(epochs)) - 0.1 * epochs)
    return {
        "loss": loss.tolist(),
        "accuracy": np.exp(-loss / 2).tolist(),
        "val_loss": val_loss.tolist(),
        "val_accuracy": np.exp(-val_loss / 3).tolist(),
        "learning_rate": [settings.learning_rate] * len(epochs),
        "gradient_norm": norms.tolist(),
    }


def _diverging(settings: Configuration, rng: np.random.Generator) -> dict[str, Any]:
    rising = [float(0.7 * 50**epoch * rng.uniform(0.5, 2)) for epoch in range(3)]
    gone: list[float | None] = [None]
    return {
        "loss": rising + gone,
        "accuracy": [0.6, 0.5, 0.5, 0.5],
        "val_loss": [3 * loss for loss in rising] + gone,
        "val_accuracy": [0.5, 0.5, 0.5, 0.5],
        "learning_rate": [settings.learning_rate] * 4,
        "gradient_norm": [100 * loss for loss in rising] + gone,
    }


def histograms() -> dict[str, Landmarks]:
    """Of every run: bell-shaped, a little wider and further to the right with each epoch."""
    return {
        run.id: {
            name: tuple(
                _histogram(epoch, name, _generator(run.id))
                for epoch in range(len(run.curve["loss"]) + 1)
            )
            for name in run.weight_change
        }
        for run in runs()
    }


def _histogram(epoch: int, name: str, rng: np.random.Generator) -> Histogram:
    if name.endswith("bias") and epoch == 0:
        counts = (*[0] * 15, 100, *[0] * 14)
        return Histogram(low=-0.5, high=0.5, counts=counts)  # all are zero
    values = rng.normal(0.01 * epoch, 0.1 + 0.02 * epoch, 500)
    found, edges = np.histogram(values, bins=BINS)
    return Histogram(low=edges[0], high=edges[-1], counts=tuple(found.tolist()))


def analysis() -> Analysis:
    """What the runs say."""
    return analyse_runs(experiments(), runs(), base(), _params().train.epochs)
