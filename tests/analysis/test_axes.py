import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.analysis.axes import Axis, axes_of
from tests.analysis.records import experiment

LOG = {"low": 1e-4, "high": 1e-1, "sampling": "log"}


@pytest.mark.parametrize(
    ("values", "scale", "low", "curved"),
    [
        ([0.0, 0.3, 0.6], "linear", 0.0, True),
        ([16, 64, 256], "log", 16, True),
        ([2, 99], "log", 2, False),
        ([0.0, 0.1], "linear", 0.0, False),
        ([0.0, 0.001, 0.1], "log", 0.001, False),  # 0 lies at the lowest
        ([0.0, 0.001, 0.01, 0.1], "log", 0.001, True),
    ],
)
def test_numbers(values: list[float], scale: str, low: float, curved: bool) -> None:
    [axis] = axes_of([{"x": value} for value in values], ["x"], [])
    assert (axis.scale, axis.low, axis.high, axis.curved) == (scale, low, max(values), curved)


def test_how_a_range_is_sampled_decides() -> None:
    ranged = experiment(scientific={"weight_decay": LOG}, nuisance={})
    settings = [{"weight_decay": value} for value in (0.0, 0.03, 0.05)]
    [axis] = axes_of(settings, ["weight_decay"], [ranged])
    assert axis.scale == "log"
    linear = experiment(scientific={"dropout": {"low": 0.01, "high": 0.6}}, nuisance={})
    settings = [{"dropout": value} for value in (0.01, 0.3, 0.6)]
    assert axes_of(settings, ["dropout"], [linear])[0].scale == "linear"


def test_a_learning_rate_is_always_logarithmic() -> None:
    settings = [{"learning_rate": value} for value in (0.001, 0.002)]
    assert axes_of(settings, ["learning_rate"], [])[0].scale == "log"


@pytest.mark.parametrize(
    ("values", "levels", "columns"),
    [
        (["adam", "sgd", "sgd"], ("sgd", "adam"), [[1], [0], [0]]),
        ([True, False, True], (True, False), [[0], [1], [0]]),
        ([None, 1.0, None], (None, 1.0), [[0], [1], [0]]),
        (["all", 20, "frozen", "all"], ("all", "frozen", 20), [[0, 0], [0, 1], [1, 0], [0, 0]]),
    ],
)
def test_choices(values: list[Any], levels: tuple[Any, ...], columns: list[list[int]]) -> None:
    settings = [{"x": value} for value in values]
    [axis] = axes_of(settings, ["x"], [])
    assert axis.levels == levels
    assert axis.slope(settings).tolist() == columns
    assert axis.curve(settings).shape == (len(values), 0)


def test_a_single_value_has_no_axis() -> None:
    assert axes_of([{"x": 1}, {"x": 1}], ["x"], []) == []


@given(st.floats(-1, 1), st.sampled_from(["linear", "log"]))
def test_places_and_values_are_inverse(place: float, scale: Any) -> None:
    axis = Axis("x", scale, 1e-4, 3.0)
    assert axis.places([axis.value(place)])[0] == pytest.approx(place, abs=1e-9)
    assert axis.value(-1) == pytest.approx(1e-4)
    assert axis.value(1) == pytest.approx(3.0)
    assert math.isclose(Axis("x", "log", 1.0, 100.0).value(0), 10.0)
