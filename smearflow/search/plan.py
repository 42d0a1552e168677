"""Which runs the experiments of an exploration need."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smearflow.params import Configuration, Experiment, Values, fingerprint


@dataclass(frozen=True)
class PlannedRun:
    """One training.

    Attributes:
        id: 12 hex digits, a hash of everything below but the experiments.
        experiments: names of those that use the run.
        configuration: complete.
        seed: of the head, the order of the cells and their symmetries.
        train_fraction: of the training patients.
    """

    id: str
    experiments: tuple[str, ...]
    configuration: Configuration
    seed: int
    train_fraction: float


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
            key = fingerprint(
                [configuration.model_dump(mode="json"), seed, experiment.train_fraction]
            )[:12]
            users = planned[key].experiments if key in planned else ()
            planned[key] = PlannedRun(
                key, (*users, experiment.name), configuration, seed, experiment.train_fraction
            )
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
