"""Which runs the experiments of an exploration need."""

import itertools
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import qmc

from smearflow.experiments.job import Job
from smearflow.ground.errors import SmearflowError
from smearflow.params.explore import Experiment, Range, Values, Varied
from smearflow.params.model import Configuration, Setting, Value

SALT = "explore"  # chooses the training patients
NOTHING_CHANGED = "nothing changed"  # the row that ablations are compared with


@dataclass(frozen=True)
class PlannedRun:
    """One training, and the names of the experiments that use it."""

    job: Job
    experiments: tuple[str, ...]


def plan_runs(experiments: Iterable[Experiment], base: Configuration) -> list[PlannedRun]:
    """The settings of each experiment, each with every seed.

    Two experiments that need the same training share one run:

        experiment a: adam, sgd        x 0.001        runs  a/adam  a/sgd
        experiment b: adam             x 0.001, 0.01        b/adam         b/adam 0.01
        planned                                             a+b     a      b

    Args:
        base: values of all fields that an experiment leaves alone.

    Returns:
        The runs in the order of the experiments, seeds last.

    Raises:
        SmearflowError: the budget of an experiment allows no comparison.
    """
    planned: dict[str, PlannedRun] = {}
    for experiment in experiments:
        for settings, seed in itertools.product(planned_settings(experiment), experiment.seeds):
            configuration = Configuration.model_validate(
                base.model_dump() | experiment.fixed | settings
            )
            job = Job(configuration, seed, experiment.train_fraction, SALT)
            users = planned[job.id].experiments if job.id in planned else ()
            if experiment.name not in users:
                planned[job.id] = PlannedRun(job, (*users, experiment.name))
    return list(planned.values())


def planned_settings(experiment: Experiment) -> list[Setting]:
    """What an experiment varies, a dictionary per setting; each is run with every seed.

    The full grid where every parameter has a list of values and the budget allows it:

        scientific a: 1, 2    nuisance b: 3, 4      a1 b3   a1 b4   a2 b3   a2 b4

    Otherwise the points of a Sobol sequence: of the nuisance parameters, the same ones for each
    combination of scientific values, so that these meet equal chances; or, where a scientific
    parameter has a range, of all parameters together.

    Raises:
        SmearflowError: the budget is smaller than one run per scientific combination and seed.
    """
    varied = experiment.scientific | experiment.nuisance
    compared = list(alternatives(experiment).values()) or [{}]
    points = experiment.budget // len(experiment.seeds)
    if points < len(compared):
        raise SmearflowError(
            f"the experiment {experiment.name} has a budget of {experiment.budget} runs, fewer "
            f"than {len(compared)} settings to compare with {len(experiment.seeds)} seeds each",
            "raise its budget, or compare less",
        )
    if experiment.ablations:
        return compared
    if not has_range(varied) and len(every := list(grid(varied))) <= points:
        return every
    if has_range(experiment.scientific):
        return _sobol(varied, points, experiment.name)
    drawn = _sobol(experiment.nuisance, points // len(compared), experiment.name)
    return [scientific | nuisance for scientific in compared for nuisance in drawn]


def has_range(varied: Varied) -> bool:
    """Whether a parameter has a range, so that there is no list of all settings."""
    return any(isinstance(values, Range) for values in varied.values())


def grid(varied: Mapping[str, Range | Values]) -> Iterator[Setting]:
    """Every combination of the values, the last parameter running fastest; {} for no parameter.

    Args:
        varied: lists of values only.
    """
    lists = [values for values in varied.values() if not isinstance(values, Range)]
    for values in itertools.product(*lists):
        yield dict(zip(varied, values, strict=True))


def _sobol(varied: Varied, points: int, name: str) -> list[Setting]:
    """Points of a scrambled Sobol sequence (Owen 1998), the same ones for the same name."""
    sequence = qmc.Sobol(len(varied), rng=zlib.crc32(name.encode()))
    power = max(0, math.ceil(math.log2(points)))  # it is balanced in powers of 2
    unit = sequence.random_base2(power)[:points]
    return [
        {
            name: _value(name, values, float(place))
            for (name, values), place in zip(varied.items(), row, strict=True)
        }
        for row in unit
    ]


def _value(name: str, values: Range | Values, place: float) -> Value:
    """The value at a place in [0, 1)."""
    if not isinstance(values, Range):
        chosen: Value = values[int(place * len(values))]
        return chosen
    low, high = values.bounds
    logarithmic = values.sampling == "log"
    value = low * (high / low) ** place if logarithmic else low + (high - low) * place
    if Configuration.model_fields[name].annotation is int:
        return round(value)
    return float(f"{value:.3g}")


def alternatives(experiment: Experiment) -> dict[str, Setting]:
    """What an experiment compares, by name: each scientific combination, or each ablation.

    Empty for an experiment about ranges, whose runs are points of a space.
    """
    if experiment.ablations:
        return {NOTHING_CHANGED: {}} | experiment.ablations
    if has_range(experiment.scientific):
        return {}
    return {name_of(settings): settings for settings in grid(experiment.scientific)}


def varied_fields(experiments: Sequence[Experiment]) -> list[str]:
    """Fields that any experiment gives more than one value, in the order they are named."""
    names = [
        name
        for each in experiments
        for name in itertools.chain(each.scientific, each.nuisance, *each.ablations.values())
    ]
    return list(dict.fromkeys(names))


def deviations(configuration: Configuration, names: Iterable[str], base: Configuration) -> Setting:
    """The learning rate, and those of some fields that differ from the base."""
    own, plain = (each.model_dump(mode="json") for each in (configuration, base))
    return {
        name: own[name]
        for name in dict.fromkeys(["learning_rate", *names])
        if name == "learning_rate" or own[name] != plain[name]
    }


def name_of(settings: Mapping[str, Value]) -> str:
    """Settings in a few words, such as `adam, learning rate 0.0002`."""
    return ", ".join(
        value if isinstance(value, str) else f"{name.replace('_', ' ')} {_short(value)}"
        for name, value in settings.items()
    )


def _short(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
