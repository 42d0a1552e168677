"""Which runs the experiments of an exploration need."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smearflow.engine.jobs import Job
from smearflow.params import Configuration, Experiment, Values

SALT = "explore"  # chooses the training patients


@dataclass(frozen=True)
class PlannedRun:
    """One training, and the names of the experiments that use it."""

    job: Job
    experiments: tuple[str, ...]


def plan_runs(experiments: Iterable[Experiment], base: Configuration) -> list[PlannedRun]:
    """The grid scientific x nuisance x seeds of each experiment.

    Two experiments that need the same training share one run:

        experiment a: adam, sgd        x 0.001        runs  a/adam  a/sgd
        experiment b: adam             x 0.001, 0.01        b/adam         b/adam 0.01
        planned                                             a+b     a      b

    Args:
        base: values of all fields that an experiment leaves alone.

    Returns:
        The runs in the order of the experiments, seeds last.
    """
    planned: dict[str, PlannedRun] = {}
    for experiment in experiments:
        for settings, seed in itertools.product(
            grid(experiment.scientific | experiment.nuisance), experiment.seeds
        ):
            configuration = Configuration.model_validate(
                base.model_dump() | experiment.fixed | settings
            )
            job = Job(configuration, seed, experiment.train_fraction, SALT)
            users = planned[job.id].experiments if job.id in planned else ()
            planned[job.id] = PlannedRun(job, (*users, experiment.name))
    return list(planned.values())


def grid(varied: Mapping[str, Values]) -> Iterator[dict[str, Any]]:
    """Every combination of the values, the last parameter running fastest; {} for no parameter."""
    for values in itertools.product(*varied.values()):
        yield dict(zip(varied, values, strict=True))


def label(settings: Mapping[str, Any]) -> str:
    """Settings in a few words, such as `adam, learning_rate 0.0002`."""
    return ", ".join(
        value if isinstance(value, str) else f"{name} {_short(value)}"
        for name, value in settings.items()
    )


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
