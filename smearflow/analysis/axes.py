"""How the parameters of runs become columns of numbers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from smearflow.params.explore import Experiment, Range
from smearflow.params.model import Value
from smearflow.records.search.dimensions import Sampling

Floats = npt.NDArray[np.float64]
Configurations = Sequence[Mapping[str, Value]]

_DECADE = 9.99  # 0.0002 and 0.002 are a decade apart, in floating point a little less
_ALWAYS_LOG = ("learning_rate",)
_FEW_VALUES = 3  # a curve needs as many


@dataclass(frozen=True)
class Axis:
    """A parameter's values, numbers on a scale from -1 to 1 or choices.

    Attributes:
        low: the lowest number, on a logarithmic scale the lowest above 0; 0 itself then lies there
            too, where it is nearest to in its effect.
        high: the highest number.
        levels: of a choice, the most frequent one first.
        curved: whether there are values enough to see a curve.
    """

    name: str
    scale: Literal["linear", "log", "choice"]
    low: float = 0.0
    high: float = 0.0
    levels: tuple[Value, ...] = ()
    curved: bool = False

    def places(self, values: Iterable[Any]) -> Floats:
        """Numbers [n], from -1 at `low` to 1 at `high`."""
        numbers = np.asarray([float(value) for value in values])
        low, high = self.low, self.high
        if self.scale == "log":
            numbers = np.log(np.maximum(numbers, low))
            low, high = np.log(low), np.log(high)
        return 2 * (numbers - low) / (high - low) - 1

    def value(self, place: float) -> float:
        """The number at a place."""
        share = (place + 1) / 2
        if self.scale == "log":
            return float(self.low * (self.high / self.low) ** share)
        return float(self.low + (self.high - self.low) * share)

    @property
    def sampling(self) -> Sampling:
        """Of numbers."""
        return "log" if self.scale == "log" else "linear"

    def slope(self, configurations: Configurations) -> Floats:
        """Columns [n, k]: the places, or for each level but the first whether it was chosen."""
        values = [each[self.name] for each in configurations]
        if self.scale != "choice":
            return self.places(values)[:, None]
        chosen = [[value == level for level in self.levels[1:]] for value in values]
        return np.asarray(chosen, dtype=np.float64).reshape(len(values), len(self.levels) - 1)

    def curve(self, configurations: Configurations) -> Floats:
        """Columns [n, 1], or [n, 0] for a straight line: the squares of the places."""
        if not self.curved:
            return np.empty((len(configurations), 0))
        return self.slope(configurations) ** 2


def axes_of(
    configurations: Configurations, names: Iterable[str], experiments: Iterable[Experiment]
) -> list[Axis]:
    """An axis for each of the fields that has more than one value."""
    experiments = tuple(experiments)
    axes = []
    for name in names:
        values = [each[name] for each in configurations]
        if len({json.dumps(value) for value in values}) > 1:
            axes.append(_axis(name, values, experiments))
    return axes


def _axis(name: str, values: list[Any], experiments: Sequence[Experiment]) -> Axis:
    if not all(map(_is_number, values)):
        levels = {json.dumps(value): value for value in values}
        counts = {key: sum(value == level for value in values) for key, level in levels.items()}
        ranked = sorted(levels, key=lambda key: (-counts[key], key))
        return Axis(name, "choice", levels=tuple(levels[key] for key in ranked))
    scale = _scale(name, values, experiments)
    low = min(value for value in values if value > 0 or scale == "linear")
    distinct = {max(value, low) for value in values}
    return Axis(name, scale, low, max(values), curved=len(distinct) >= _FEW_VALUES)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _scale(name: str, values: list[float], experiments: Sequence[Experiment]) -> Sampling:
    """Logarithmic where it was sampled so, or where values that nobody sampled span a decade."""
    roles = [each.scientific | each.nuisance for each in experiments]
    ranges = [role[name] for role in roles if isinstance(role.get(name), Range)]
    positive = [value for value in values if value > 0]
    if len(set(positive)) < 2 or min(values) < 0:
        return "linear"
    if ranges:
        sampled_so = any(isinstance(each, Range) and each.sampling == "log" for each in ranges)
        return "log" if sampled_so else "linear"
    wide = max(positive) > _DECADE * min(positive)
    return "log" if wide or name in _ALWAYS_LOG else "linear"
