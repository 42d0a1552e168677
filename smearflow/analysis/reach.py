"""Between which bounds a number was searched, and how far they may move."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from smearflow.params.explore import Experiment, Range
from smearflow.params.model import Configuration

HALF_DECADE = math.sqrt(10)

Bounds = tuple[float, float]

_DECADE = 10


def searched_bounds(name: str, experiments: Iterable[Experiment]) -> Bounds | None:
    """The lowest and the highest value that scientific and nuisance roles give a parameter."""
    values: list[Any] = []
    for each in experiments:
        varied = (each.scientific | each.nuisance).get(name, ())
        values += varied.bounds if isinstance(varied, Range) else varied
    numbers = [value for value in values if isinstance(value, int | float)]
    return (min(numbers), max(numbers)) if len(set(numbers)) > 1 else None


def moved_bound(name: str, scale: str, searched: Sequence[float], side: str) -> float | None:
    """A bound moved out by half of what was searched, on a logarithmic scale by half a decade.

    It never leaves what a configuration allows; None where the bound cannot move.
    """
    low, high = searched
    lowest, highest = _allowed(name)
    if scale == "log" and low <= 0 and side == "down":
        return None
    if scale == "log":
        factor = HALF_DECADE if low <= 0 else min(math.sqrt(high / low), HALF_DECADE)
        value = high * factor if side == "up" else low / factor
    else:
        value = high + (high - low) / 2 if side == "up" else low - (high - low) / 2
    value = min(max(value, lowest), highest)
    value = round(value) if is_whole(name) else float(f"{value:.3g}")
    outside = value > high if side == "up" else value < low
    return value if outside else None


def reachable(name: str, scale: str, searched: Sequence[float]) -> Bounds:
    """Between which values a search may move bounds: a decade beyond, on a linear scale the range.

    It never leaves what a configuration allows.
    """
    low, high = searched
    lowest, highest = _allowed(name)
    if scale == "log":
        lowest, highest = max(lowest, low / _DECADE), min(highest, high * _DECADE)
    else:
        lowest, highest = max(lowest, low - (high - low)), min(highest, high + (high - low))
    return float(f"{lowest:.3g}"), float(f"{highest:.3g}")


def _allowed(name: str) -> tuple[float, float]:
    """The lowest and highest value a configuration may have, a hair inside where open."""
    low, high = -math.inf, math.inf
    for limit in Configuration.model_fields[name].metadata:
        low = max(low, getattr(limit, "ge", -math.inf), getattr(limit, "gt", -math.inf))
        high = min(high, getattr(limit, "le", math.inf))
        high = min(high, 0.95 * getattr(limit, "lt", math.inf))
    return low, high


def is_whole(name: str) -> bool:
    """Whether a parameter counts something."""
    return Configuration.model_fields[name].annotation is int
