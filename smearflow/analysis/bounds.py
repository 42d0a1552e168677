"""Good values of each parameter, as the response surface has them."""

import math
from collections.abc import Sequence

import numpy as np

from smearflow.analysis.axes import Axis, Floats
from smearflow.analysis.conclusions import Surfaces
from smearflow.analysis.rates import STABILITY, rate_limit
from smearflow.analysis.reach import Bounds, is_whole, moved_bound, searched_bounds
from smearflow.analysis.response import Surface
from smearflow.params.explore import Experiment
from smearflow.params.model import Value
from smearflow.records.analysis.evidence import (
    BestAtEnd,
    Beyond,
    Compared,
    Evidence,
    LowestLoss,
    NoEffect,
    NoEffectBetween,
    NoEffectUpTo,
    NotKnown,
    PaysLate,
    RunsFailed,
    Side,
    Unsure,
    WorseTogether,
)
from smearflow.records.analysis.surface import GoodChoice, GoodInterval, Verdict
from smearflow.records.exploration import RunRecord

_STEPS = 81  # places looked at between the bounds
_EDGE = 0.1  # share of the range at either end that counts as its bound
_STRETCH = 0.5  # share of the range over which the loss must fall for its bound to move
_SURE = 0.8  # share of the resamples that must have the best value there


def good_intervals(
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    surfaces: Surfaces,
    verdicts: Sequence[Verdict],
) -> list[GoodInterval]:
    """Per number that experiments vary: searched, good and best values, whether to look beyond."""
    rows = []
    for verdict in verdicts:
        name, surface = verdict.name, surfaces.tells(verdict.name)
        axis = None if surface is None else surface.axis(name)
        searched = searched_bounds(name, experiments)
        if surface is None or axis is None or axis.scale == "choice" or searched is None:
            continue
        safe = None
        if name == "learning_rate":
            kind = {field: [surface.reference[field]] for field in STABILITY}
            safe = rate_limit(runs, kind)
        if verdict.has_effect and verdict.rests_on != "comparisons":
            rows.append(_interval(axis, searched, safe, surface, verdict))
        else:
            evidence = without_effect(verdict, surfaces.final_epochs)
            rows.append(_flat(axis, searched, safe, surface, evidence))
    return rows


def without_effect(verdict: Verdict, final_epochs: int) -> Evidence:
    """Why a number is not narrowed."""
    if verdict.doubt == "short_runs":
        return PaysLate(epochs=final_epochs)
    if verdict.doubt is not None:
        return NotKnown(doubt=verdict.doubt)
    return Compared(worse=()) if verdict.has_effect else NoEffectBetween()


def _flat(
    axis: Axis, searched: Bounds, safe: Bounds | None, surface: Surface, why: Evidence
) -> GoodInterval:
    evidence: tuple[Evidence, ...] = (why,)
    low, high = searched
    if safe is not None:
        high = min(high, safe[0])
        upto = (NoEffectUpTo(value=high),) if isinstance(why, NoEffectBetween) else (why,)
        evidence = (*upto, RunsFailed(value=safe[1]))
    return GoodInterval(
        name=axis.name,
        searched=searched,
        sampling=axis.sampling,
        good=(min(low, high), high),
        best=surface.number(axis.name),
        moved=None,
        evidence=evidence,
    )


def _interval(
    axis: Axis, searched: Bounds, safe: Bounds | None, surface: Surface, verdict: Verdict
) -> GoodInterval:
    low, high = searched
    if axis.scale == "log" and low <= 0:
        low = axis.low
    if safe is not None:
        high = min(high, max(safe[0], axis.low))
    values = _values(axis, low, high)
    losses, resampled = surface.along(axis.name, values)
    first, best, last = _good(losses, resampled, surface.noise)
    moved, beyond = _beyond(axis, searched, resampled, safe)
    times = None
    if 0 < best < len(values) - 1:
        times = math.exp(max(losses[0], losses[-1]) - losses[best])
    return GoodInterval(
        name=axis.name,
        searched=searched,
        sampling=axis.sampling,
        # what pays late pays more of it in longer runs
        good=(values[first], values[-1] if verdict.late else values[last]),
        best=values[best],
        moved=moved,
        evidence=(LowestLoss(value=values[best], times=times), *beyond),
    )


def _values(axis: Axis, low: float, high: float) -> list[float]:
    """Values between two bounds, evenly on the axis' scale; whole numbers for a whole number."""
    ends = axis.places([low, high])
    values = [axis.value(place) for place in np.linspace(ends[0], ends[1], _STEPS)]
    if is_whole(axis.name):
        return [float(each) for each in dict.fromkeys(round(value) for value in values)]
    return [min(max(float(f"{value:.3g}"), low), high) for value in values]


def _good(losses: Floats, resampled: Floats, noise: float) -> tuple[int, int, int]:
    """First, best and last index of the values around the best that are as good, for all we know.

    Args:
        losses: [n], logarithms.
        resampled: [n, resamples].
        noise: of one run.
    """
    best = int(losses.argmin())
    low, high = np.quantile(resampled.argmin(axis=0), [0.1, 0.9])
    good = losses <= losses[best] + noise
    good[math.floor(low) : math.ceil(high) + 1] = True
    good[min(best, math.floor(low)) : max(best, math.ceil(high)) + 1] = True
    first = last = best
    while first > 0 and good[first - 1]:
        first -= 1
    while last < len(good) - 1 and good[last + 1]:
        last += 1
    return first, best, last


def _beyond(
    axis: Axis, searched: Bounds, resampled: Floats, safe: Bounds | None
) -> tuple[Side | None, list[Evidence]]:
    """Whether the best lies at a bound to be moved, and the evidence of it.

    Args:
        resampled: [n, resamples], of values from bound to bound.
    """
    where = resampled.argmin(axis=0) / max(len(resampled) - 1, 1)
    ends: dict[Side, float] = {
        "down": float(np.mean(where <= _EDGE)),
        "up": float(np.mean(where >= 1 - _EDGE)),
    }
    side = max(ends, key=lambda each: ends[each])
    if ends[side] < _SURE:
        return None, []
    beyond: Beyond = "moves"
    if side == "up" and safe is not None:
        beyond = "failed"
    elif moved_bound(axis.name, axis.scale, searched, side) is None:
        beyond = "nothing"
    elif not _falls_towards(side, resampled):
        beyond = "flat"
    failed_at = safe[1] if beyond == "failed" and safe is not None else None
    found = BestAtEnd(side=side, share=ends[side], beyond=beyond, failed_at=failed_at)
    return (side if beyond == "moves" else None), [found]


def _falls_towards(side: Side, resampled: Floats) -> bool:
    """Whether the loss detectably falls over the half of the values before a bound."""
    end, half = len(resampled) - 1, round(_STRETCH * (len(resampled) - 1))
    at, before = (end, end - half) if side == "up" else (0, half)
    return bool(np.quantile(resampled[at] - resampled[before], 0.975) < 0)


def good_choices(surfaces: Surfaces, verdicts: Sequence[Verdict]) -> list[GoodChoice]:
    """Per choice that experiments vary: the values that are not worse for sure."""
    rows = []
    for verdict in verdicts:
        surface = surfaces.tells(verdict.name)
        axis = None if surface is None else surface.axis(verdict.name)
        if surface is None or axis is None or axis.scale != "choice":
            continue
        kept = axis.levels
        if verdict.has_effect and verdict.rests_on != "comparisons":
            kept = _kept(axis, surface)
        lost = tuple(value for value in axis.levels if value not in kept)
        evidence: Evidence = NoEffect()
        if lost:
            evidence = WorseTogether(parameter=verdict.name, values=lost)
        elif verdict.has_effect:
            evidence = Unsure()
        elif verdict.doubt is not None:
            evidence = without_effect(verdict, surfaces.final_epochs)
        rows.append(
            GoodChoice(name=verdict.name, values=axis.levels, kept=kept, evidence=(evidence,))
        )
    return rows


def _kept(axis: Axis, surface: Surface) -> tuple[Value, ...]:
    losses, resampled = surface.along(axis.name, axis.levels)
    best = int(losses.argmin())
    surplus = np.quantile(resampled - resampled[best], 0.025, axis=1)
    return tuple(
        value for number, value in enumerate(axis.levels) if number == best or surplus[number] <= 0
    )
