"""One verdict per parameter, from all that speaks of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from smearflow.analysis.comparison import Shortfall, ranked, shortfalls
from smearflow.analysis.near import IMPORTANT
from smearflow.analysis.regularisers import REGULARISERS, dose_of
from smearflow.analysis.response import Surface, fit_surface
from smearflow.experiments.plan import NOTHING_CHANGED, varied_fields
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration, Value
from smearflow.records.analysis.comparison import Alternative, Comparison
from smearflow.records.analysis.surface import Verdict
from smearflow.records.exploration import RunRecord

_FLIPS = 0.05  # share of the runs any of which may turn a conclusion by being left out


@dataclass(frozen=True)
class Surfaces:
    """What runs together say.

    Attributes:
        whole: of all runs; None: too few trained.
        long: of those that are as long as the final training; None likewise.
        final_epochs: of the final training.
    """

    whole: Surface | None
    long: Surface | None
    final_epochs: int

    def tells(self, name: str) -> Surface | None:
        """The one that tells of a parameter: of what pays late that of long runs, if it can."""
        return self.long if self.are_long(name) else self.whole

    def are_long(self, name: str) -> bool:
        """Whether what pays late is told by runs that are long enough."""
        told = self.long is not None and self.long.axis(name) is not None
        return name in REGULARISERS and told


def fit_surfaces(
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    base: Configuration,
    final_epochs: int,
) -> Surfaces:
    """The surface of all runs, and that of those as long as the final training."""
    whole = fit_surface(experiments, runs, base)
    long = [run for run in runs if run.configuration.epochs >= final_epochs]
    only = whole if len(long) == len(runs) else fit_surface(experiments, long, base)
    return Surfaces(whole, only, final_epochs)


@dataclass(frozen=True)
class Contrast:
    """Two values of one parameter, by an experiment that compares them and nothing else.

    Attributes:
        loss: the mean validation loss with the first.
        shortfall: how much worse the second is; below 0: better.
        long: whether its runs are as long as the final training.
    """

    first: Value
    second: Value
    loss: float
    shortfall: Shortfall
    long: bool


def conclude(
    experiments: Sequence[Experiment],
    comparisons: Sequence[Comparison],
    surfaces: Surfaces,
    base: Configuration,
) -> tuple[Verdict, ...]:
    """A verdict on each parameter that experiments vary."""
    found = []
    for name in varied_fields(experiments):
        contrasts = list(_contrasts(name, experiments, comparisons, surfaces, base))
        found.append(_verdict(name, surfaces, contrasts))
    return tuple(found)


def _verdict(name: str, surfaces: Surfaces, contrasts: Sequence[Contrast]) -> Verdict:
    surface, late = surfaces.tells(name), name in REGULARISERS and not surfaces.are_long(name)
    if name in REGULARISERS and any(each.long for each in contrasts):
        contrasts, late = [each for each in contrasts if each.long], False
    verdict = _by_surface(name, surface)
    if surfaces.are_long(name):
        verdict = verdict.model_copy(update={"rests_on": "long_runs"})
    detected = [each for each in contrasts if each.shortfall.detected]
    if surface is not None and any(_contradicts(name, surface, each) for each in contrasts):
        verdict = Verdict(name=name, found="unknown", doubt="contradicted")
    elif detected and not verdict.has_effect:
        verdict = Verdict(name=name, found="effect", rests_on="comparisons")
    if not late:
        return verdict
    if verdict.has_effect and _helps(name, verdict, surface, detected):
        return verdict.model_copy(update={"late": True})
    return Verdict(name=name, found="unknown", late=True, doubt="short_runs")


def _by_surface(name: str, surface: Surface | None) -> Verdict:
    """What all runs say together; nothing that hangs on single ones of them (jackknife)."""
    if surface is None or not surface.local[name].tested:
        return Verdict(name=name, found="unknown", doubt="untested")
    local = surface.local[name]
    important = local.p < IMPORTANT
    if np.mean((local.left_out < IMPORTANT) != important) > _FLIPS:
        return Verdict(name=name, found="unknown", doubt="single_runs")
    if important and _turns(name, surface):
        return Verdict(name=name, found="unknown", doubt="elsewhere")
    return Verdict(name=name, found="effect" if important else "none")


def _turns(name: str, surface: Surface) -> bool:
    """Whether the effect may have the other sign near the good settings."""
    axis = surface.axis(name)
    assert axis is not None
    values: Sequence[Value] = axis.levels
    if axis.scale != "choice":
        values = [axis.value(place) for place in (-1.0, 0.0, 1.0)]
    losses = surface.along(name, values)[0]
    near = surface.near(name, values)
    best, worst = int(losses.argmin()), int(losses.argmax())
    return bool(near[best] > near[worst])


def _helps(
    name: str, verdict: Verdict, surface: Surface | None, detected: Sequence[Contrast]
) -> bool:
    """Whether the more of it, the lower the loss, as far as that is told."""
    if verdict.rests_on == "comparisons":
        return all(
            (_dose(each.first) - _dose(each.second)) * each.shortfall.difference > 0
            for each in detected
        )
    dose = None if surface is None else dose_of(name, surface)
    return dose is not None and dose.helps


def _dose(value: Value) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _contradicts(name: str, surface: Surface, contrast: Contrast) -> bool:
    """Whether the intervals of a difference, by the surface and by an experiment, are disjoint.

    Not so where both agree on which value is better: how much better may depend on the place.
    """
    axis, found = surface.axis(name), contrast.shortfall
    if axis is None or found.needed is None:
        return False
    if axis.scale == "choice" and not {contrast.first, contrast.second} <= set(axis.levels):
        return False
    resampled = surface.along(name, [contrast.first, contrast.second])[1]
    times = np.quantile(resampled[1] - resampled[0], [0.025, 0.975])
    low, high = contrast.loss * np.expm1(times)
    agree = found.detected and low * high > 0 and low * found.difference > 0
    apart = found.difference + found.needed < low or found.difference - found.needed > high
    return bool(apart and not agree)


def _contrasts(
    name: str,
    experiments: Sequence[Experiment],
    comparisons: Sequence[Comparison],
    surfaces: Surfaces,
    base: Configuration,
) -> Iterator[Contrast]:
    """What experiments say that compare values of this parameter and nothing else.

    None that holds the learning rate where nobody will search.
    """
    rows = {each.name: each.rows for each in comparisons}
    usual = getattr(base, name)
    for experiment in experiments:
        order = _alone(name, experiment, rows.get(experiment.name, ()))
        if len(order) < 2 or _elsewhere(experiment, surfaces.whole):
            continue
        first, *others = order
        long = experiment.fixed.get("epochs", base.epochs)
        assert isinstance(long, int)
        for row, shortfall in zip(others, shortfalls(first, others), strict=True):
            yield Contrast(
                first.settings.get(name, usual),
                row.settings[name],
                first.loss,
                shortfall,
                long >= surfaces.final_epochs,
            )


def _alone(name: str, experiment: Experiment, rows: Sequence[Alternative]) -> list[Alternative]:
    """The rows that trained and differ in one parameter alone, what they differ from first."""
    if not experiment.ablations:
        return ranked(rows) if list(experiment.scientific) == [name] else []
    unchanged = [row for row in ranked(rows) if row.name == NOTHING_CHANGED]
    return unchanged and unchanged + [row for row in ranked(rows) if set(row.settings) == {name}]


def _elsewhere(experiment: Experiment, surface: Surface | None) -> bool:
    """Whether an experiment holds the learning rate where nobody will search."""
    rate = experiment.fixed.get("learning_rate")
    if surface is None or not isinstance(rate, int | float):
        return False
    axis = surface.axis("learning_rate")
    if axis is None or "learning_rate" not in surface.local:
        return False
    if not axis.low <= rate <= axis.high:
        return True
    places = [axis.value(place) for place in np.linspace(-1, 1, 41)]
    losses = surface.along("learning_rate", [rate, *places])[0]
    return bool(losses[0] > losses.min() + surface.noise)
