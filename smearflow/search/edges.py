"""Bounds of a search's space that its best trial lies at, and where they move to.

A space whose best lies at a bound has perhaps cut its optimum off: it is searched again beyond it.
"""

import math
from collections.abc import Mapping

from smearflow.params.model import Configuration
from smearflow.records.search.dimensions import Dimension, Interval
from smearflow.records.search.trials import AtBound

NEAR = 0.02  # share of the range from a bound within which a trial lies at it
_DIGITS = 12  # a bound of 0 is 0, not a rounding error beside it
_STEP = 0.5  # share of the range by which a bound moves out


def at_bounds(
    best: Configuration, space: Mapping[str, Dimension], trials: int, *, last: bool
) -> list[AtBound]:
    """The bounds that the best trial lies at.

    Args:
        trials: done.
        last: whether no trial is left, so that none of them moves.
    """
    found = []
    for name, values in space.items():
        if not isinstance(values, Interval) or values.low == values.high:
            continue
        low, high, own = (_scaled(each, values) for each in (*_ends(values), getattr(best, name)))
        place = (own - low) / (high - low)
        if place <= NEAR or place >= 1 - NEAR:
            side, before = ("down", values.low) if place <= NEAR else ("up", values.high)
            after = None if last else _moved(values, side)
            found.append(AtBound(name=name, side=side, before=before, after=after, trials=trials))
    return found


def moved(space: Mapping[str, Dimension], bounds: list[AtBound]) -> dict[str, Dimension]:
    """The space with the bounds that move."""
    changed = dict(space)
    for each in bounds:
        if each.after is not None:
            end = "low" if each.side == "down" else "high"
            changed[each.name] = changed[each.name].model_copy(update={end: each.after})
    return changed


def _ends(values: Interval) -> tuple[float, float]:
    return values.low, values.high


def _moved(values: Interval, side: str) -> int | float | None:
    """Where a bound moves to; None where it may not."""
    if values.reach is None:
        return None
    low, high = (_scaled(each, values) for each in _ends(values))
    step = _STEP * (high - low)
    wanted = _unscaled(low - step if side == "down" else high + step, values)
    value = min(max(round(wanted, _DIGITS), values.reach[0]), values.reach[1])
    value = round(value) if values.kind == "int" else float(f"{value:.3g}")
    outside = value < values.low if side == "down" else value > values.high
    return value if outside else None


def _scaled(value: float, values: Interval) -> float:
    return math.log(value) if values.sampling == "log" else value


def _unscaled(value: float, values: Interval) -> float:
    return math.exp(value) if values.sampling == "log" else value
