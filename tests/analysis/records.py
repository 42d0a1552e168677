"""Runs that nobody trained."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from smearflow.experiments.plan import plan_runs
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration
from smearflow.records.exploration import RunRecord

BASE = Configuration()

Loss = Callable[[dict[str, Any], int], float | None]
"""Of a configuration and a seed; None: diverged."""


def experiment(name: str = "optimizer", **values: Any) -> Experiment:
    settings: dict[str, Any] = {
        "name": name,
        "scientific": {"optimizer": ["adam", "sgd"]},
        "nuisance": {"learning_rate": [0.0002, 0.003]},
        "seeds": [1, 2],
        "budget": 99,
        "train_fraction": 0.2,
    }
    return Experiment.model_validate(settings | values)


def record(configuration: dict[str, Any], loss: float | None, **values: Any) -> RunRecord:
    settings = BASE.model_dump(mode="json") | configuration
    shown = [None] if loss is None else [3 * loss, 2 * loss, loss]
    usual = {
        "id": f"run-{loss}",
        "experiments": ["optimizer"],
        "configuration": settings,
        "seed": 1,
        "status": "diverged" if loss is None else "completed",
        "best_epoch": None if loss is None else 3,
        "val_loss": loss,
        "val_accuracy": None if loss is None else max(0.5, 1 - loss),
        "steps": 30,
        "curve": dict.fromkeys(("loss", "val_loss", "gradient_norm"), shown),
        "weight_change": {"hidden kernel": None if loss is None else 0.1},
    }
    return RunRecord.model_validate(usual | values)


def records(experiments: Sequence[Experiment], loss: Loss) -> list[RunRecord]:
    """A record of each planned run."""
    return [
        record(
            configuration := run.job.configuration.model_dump(mode="json"),
            loss(configuration, run.job.seed),
            id=run.job.id,
            experiments=list(run.experiments),
            seed=run.job.seed,
        )
        for run in plan_runs(experiments, BASE)
    ]


def table(losses: Mapping[Any, Sequence[float | None]], *names: str) -> Loss:
    """Losses by the values of some fields, one per seed from 1."""
    return lambda settings, seed: losses[tuple(settings[name] for name in names)][seed - 1]
