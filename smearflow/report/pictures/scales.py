"""Logarithmic scales that have a place for 0, and round numbers on them."""

import math
import statistics
from collections.abc import Sequence

_DECADE = 10.0
_GAP = 4.0  # 0 stands this factor below the lowest number above it


def is_logarithmic(values: Sequence[float]) -> bool:
    """Whether numbers, of which some may be 0, spread more evenly on a logarithmic scale."""
    positive = sorted({value for value in values if value > 0})
    if min(values) < 0 or len(positive) < 2 or positive[-1] <= _DECADE * positive[0]:
        return False
    low, middle, high = positive[0], statistics.median(positive), positive[-1]
    linear = (middle - low) / (high - low)
    logarithmic = math.log(middle / low) / math.log(high / low)
    return abs(logarithmic - 0.5) < abs(linear - 0.5)


def with_zero(values: Sequence[float]) -> list[float]:
    """Numbers above 0 that can be drawn on a logarithmic scale: 0 becomes one below all others.

    Args:
        values: at least one is above 0.
    """
    lowest = min(value for value in values if value > 0)
    return [value if value > 0 else lowest / _GAP for value in values]


def ticks(values: Sequence[float]) -> tuple[list[float], list[str]]:
    """Round numbers between the lowest and the highest value above 0, and 0 if it is among them.

    Powers of ten where they are three or more; else 1, 2 and 5 times those.

    Returns:
        Their places, as `with_zero` has them, and their texts.
    """
    positive = [value for value in values if value > 0]
    low, high = min(positive), max(positive)
    powers = [10.0**power for power in range(_floor(low), _floor(high) + 1)]
    found = _within(powers, low, high)
    if len(found) < 3:
        found = _within([part * power for power in powers for part in (1, 2, 5)], low, high)
    if len(found) < 2:
        found = sorted({low, high})
    places, texts = list(found), [f"{value:.3g}" for value in found]
    if min(values) <= 0:
        places, texts = [low / _GAP, *places], ["0", *texts]
    return places, texts


def _floor(value: float) -> int:
    return math.floor(math.log10(value) + 1e-9)


def _within(numbers: Sequence[float], low: float, high: float) -> list[float]:
    """Those between two bounds, which may be a rounding error off."""
    return [number for number in numbers if low / 1.0001 <= number <= high * 1.0001]
