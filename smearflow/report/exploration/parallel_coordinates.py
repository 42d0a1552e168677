"""Parallel coordinates of all runs: a page of its own, without a network or a library."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.ticker import MaxNLocator

from smearflow.params.model import Value
from smearflow.records.exploration import RunRecord
from smearflow.report.html import write_page
from smearflow.report.pictures.scales import is_logarithmic, ticks, with_zero
from smearflow.report.pictures.style import completed
from smearflow.report.text import readable, setting

LOSS = "validation loss"
_TITLE = "All runs of the exploration"
_DIGITS = 4  # of a place: a tenth of a pixel
_DARKEST_TO_PALEST = 0.9  # of the colours: the palest are not seen on white
_TICKS = 5  # of a linear axis, about


@dataclass(frozen=True)
class ParallelAxis:
    """An axis that all lines cross.

    Attributes:
        name: of the parameter.
        places: of each run, from 0 at the lower end to 1 at the upper.
        texts: of each run, its value.
        ticks: place and text.
    """

    name: str
    places: tuple[float, ...]
    texts: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]


def write_parallel(path: Path, runs: Sequence[RunRecord], varied: Sequence[str]) -> None:
    """A line per completed run, an axis per varied parameter, the last one the validation loss.

    Args:
        varied: fields of the configuration; one that has the same value in all runs is left out.
    """
    trained = completed(runs)
    columns = {name: [getattr(run.configuration, name) for run in trained] for name in varied}
    axes = [_axis(name, values) for name, values in columns.items() if _differ(values)]
    loss = _logarithmic(LOSS, [run.loss for run in trained], lambda value: f"{value:.4f}")
    data = {
        "axes": [asdict(axis) for axis in (*axes, loss)],
        "colours": [_colour(place) for place in loss.places],
        "seeds": [run.seed for run in trained],
    }
    write_page(path, "parallel.html.j2", title=_TITLE, sections=[], data=data)


def _differ(values: Sequence[Value]) -> bool:
    return len({json.dumps(value) for value in values}) > 1


def _axis(name: str, values: list[Any]) -> ParallelAxis:
    """Numbers on their scale, anything else as evenly spaced choices."""
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return _choices(readable(name), values)
    if is_logarithmic(values):
        return _logarithmic(readable(name), values, setting)
    return _linear(readable(name), values)


def _choices(name: str, values: list[Value]) -> ParallelAxis:
    texts = list(map(setting, values))
    choices = sorted(set(texts))
    return _between(name, [choices.index(text) for text in texts], texts, enumerate(choices))


def _linear(name: str, values: list[float]) -> ParallelAxis:
    low, high = min(values), max(values)
    found = (float(tick) for tick in MaxNLocator(_TICKS).tick_values(low, high))
    shown = [(tick, f"{tick:g}") for tick in found if low <= tick <= high]
    return _between(name, values, list(map(setting, values)), shown)


def _logarithmic(name: str, values: list[float], told: Callable[[float], str]) -> ParallelAxis:
    places, texts = ticks(values)
    shown = [(math.log10(place), text) for place, text in zip(places, texts, strict=True)]
    powers = [math.log10(value) for value in with_zero(values)]
    return _between(name, powers, list(map(told, values)), shown)


def _between(
    name: str, values: Sequence[float], texts: Sequence[str], shown: Iterable[tuple[float, str]]
) -> ParallelAxis:
    """Values as places between the lowest and the highest of them."""
    low, high = min(values), max(values)

    def place(value: float) -> float:
        # a tick may be a rounding error beside the axis
        return round(min(max((value - low) / (high - low or 1), 0.0), 1.0), _DIGITS)

    marks = tuple((place(value), text) for value, text in shown)
    return ParallelAxis(name, tuple(map(place, values)), tuple(texts), marks)


def _colour(place: float) -> str:
    return to_hex(colormaps["viridis"](_DARKEST_TO_PALEST * place))
