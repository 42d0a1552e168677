import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smearflow.analysis.credit import learned
from smearflow.analysis.near import IMPORTANT
from smearflow.analysis.response import Surface, fit_surface
from smearflow.params.explore import Experiment
from tests.analysis.records import BASE, Loss, experiment, record, records

RATES = {"low": 1e-4, "high": 1e-2, "sampling": "log"}
DROPOUTS = {"low": 0.0, "high": 0.6}


def space(**values: Any) -> Experiment:
    varied = {
        "learning_rate": RATES,
        "dropout": DROPOUTS,
        "augment": [True, False],
    }
    usual: dict[str, Any] = {"scientific": varied, "nuisance": {}, "seeds": [1], "budget": 32}
    return experiment(**usual | values)


def noisy(height: Any, seed: int = 1, spread: float = 0.05) -> Loss:
    """Losses around exp(height of a configuration)."""
    noise = random.Random(seed)
    return lambda settings, _: 0.15 * math.exp(height(settings) + noise.gauss(0, spread))


def decades(settings: dict[str, Any]) -> float:
    """From 0.001, the middle."""
    return math.log10(settings["learning_rate"] / 1e-3)


def fitted(loss: Loss, question: Experiment | None = None) -> Surface:
    question = question or space()
    surface = fit_surface([question], records([question], loss), BASE)
    assert surface is not None
    return surface


def heights(surface: Surface, wanted: list[dict[str, Any]]) -> list[float]:
    """The log loss at settings."""
    found = []
    for each in wanted:
        there = replace(surface, reference=surface.reference | each)
        found.append(float(there.along("learning_rate", [each["learning_rate"]])[0][0]))
    return found


def test_a_known_surface_is_recovered() -> None:
    surface = fitted(noisy(lambda s: 0.5 * decades(s) ** 2 + 0.4 * s["dropout"], spread=0.001))
    wanted = [
        {"learning_rate": 3e-3, "dropout": 0.3, "augment": True},
        {"learning_rate": 2e-4, "dropout": 0.0, "augment": False},
    ]
    expected = [math.log(0.15) + 0.5 * decades(s) ** 2 + 0.4 * s["dropout"] for s in wanted]
    assert heights(surface, wanted) == pytest.approx(expected, abs=0.01)
    assert surface.explained > 0.99
    assert surface.noise < 0.002


def test_shares_are_those_of_the_variance() -> None:
    # a straight line over a uniform range has a variance of size^2 / 12, an even choice of
    # size^2 / 4
    surface = fitted(noisy(lambda s: 0.6 * decades(s) + 0.2 * s["augment"], spread=0.001))
    shares = {each.name: each.share for each in surface.importances}
    rates, symmetries = (0.6 * 2) ** 2 / 12, 0.2**2 / 4
    assert shares["learning_rate"] == pytest.approx(rates / (rates + symmetries), abs=0.05)
    assert shares["augment"] == pytest.approx(symmetries / (rates + symmetries), abs=0.05)
    assert shares["dropout"] == pytest.approx(0, abs=0.01)
    first = surface.importances[0]
    assert (first.name, first.first) == ("learning_rate", 1.0)
    assert [each.p < IMPORTANT for each in surface.importances] == [True, True, False]
    for each in surface.importances:
        assert 0 <= each.low <= each.share <= each.high <= 1


@pytest.mark.parametrize("size", [0.0, 0.4])
def test_an_interaction_is_found_only_where_there_is_one(size: float) -> None:
    def height(settings: dict[str, Any]) -> float:
        return 0.3 * decades(settings) + size * decades(settings) * (settings["augment"] - 0.5)

    found = [pair.parameters for pair in fitted(noisy(height)).tested if pair.found]
    assert found == ([("learning_rate", "augment")] if size else [])


def test_a_valley_that_lies_elsewhere_for_another_choice_is_found() -> None:
    def height(settings: dict[str, Any]) -> float:  # together the two are flat
        return 0.5 * decades(settings) ** 2 * (1 if settings["augment"] else -1)

    surface = fitted(noisy(height))
    (pair,) = (pair for pair in surface.tested if pair.found)
    assert (pair.parameters, pair.bent) == (("learning_rate", "augment"), True)
    steps = [{"dropout": 0.3, "learning_rate": 10**place} for place in (-4, -3, -2)]
    ends, middle = 0.5 + math.log(0.15), math.log(0.15)
    valley = heights(surface, [step | {"augment": True} for step in steps])
    assert valley == pytest.approx([ends, middle, ends], abs=0.1)
    hill = heights(surface, [step | {"augment": False} for step in steps])
    assert hill == pytest.approx([middle - 0.5, middle, middle - 0.5], abs=0.1)


def test_only_pairs_that_an_experiment_varies_together_are_tested() -> None:
    apart = [
        space(name="a", scientific={"dropout": DROPOUTS, "augment": [True, False]}),
        space(name="b", scientific={"learning_rate": RATES}),
    ]
    surface = fit_surface(apart, records(apart, noisy(lambda s: s["dropout"])), BASE)
    assert surface is not None
    assert [pair.parameters for pair in surface.tested] == [("dropout", "augment")]


def test_failed_runs_do_not_bend_the_surface() -> None:
    smooth = noisy(lambda s: 0.3 * decades(s), spread=0.001)

    def failing(settings: dict[str, Any], seed: int) -> float | None:
        loss = smooth(settings, seed)
        if settings["learning_rate"] > 7e-3:
            return None
        return 0.9 if settings["learning_rate"] > 5e-3 else loss

    wanted = [{"learning_rate": 1e-3, "dropout": 0.3, "augment": True}]
    assert heights(fitted(failing), wanted) == pytest.approx([math.log(0.15)], abs=0.01)


def test_an_experiment_of_which_one_setting_trained_is_left_out() -> None:
    held = {"learning_rate": 0.05}
    varied = {"gradient_clip": [None, 1.0]}
    clipping = experiment("clipping", scientific=varied, nuisance={}, fixed=held)
    smooth = noisy(lambda s: 0.3 * decades(s), spread=0.001)

    def loss(settings: dict[str, Any], seed: int) -> float | None:
        if settings["learning_rate"] == 0.05:
            return None if settings["gradient_clip"] is None else 0.6
        return smooth(settings, seed)

    questions = [space(), clipping]
    surface = fit_surface(questions, records(questions, loss), BASE)
    assert surface is not None
    assert surface.axis("gradient_clip") is None
    assert surface.noise < 0.002


@pytest.mark.parametrize(
    ("loss", "status", "verdict"),
    [
        (0.3, "completed", True),
        (0.3, "diverged", False),
        (0.69315, "completed", False),  # a coin
        (None, "completed", False),
    ],
)
def test_trained(loss: float | None, status: str, verdict: bool) -> None:
    assert learned(record({}, loss, status=status)) is verdict


def test_a_parameter_confounded_with_another_is_not_tested() -> None:
    ablation = experiment(
        scientific={}, nuisance={}, ablations={"both": {"augment": False, "dropout": 0.5}}
    )
    questions = [ablation, space(name="b", scientific={"learning_rate": RATES})]
    surface = fit_surface(questions, records(questions, noisy(lambda s: s["dropout"])), BASE)
    assert surface is not None
    tested = {name: each.tested for name, each in surface.local.items()}
    assert tested == {"augment": True, "dropout": False, "learning_rate": True}


def test_the_reference_is_plain_where_nothing_matters() -> None:
    reference = fitted(noisy(lambda s: decades(s) ** 2)).reference
    assert abs(decades(reference)) < 0.2
    assert reference["dropout"] == BASE.dropout
    assert reference["augment"] == BASE.augment


def test_the_surface_is_the_same_again() -> None:
    first, second = (fitted(noisy(lambda s: decades(s))) for _ in range(2))
    assert first.importances == second.importances


@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_too_few_runs_have_no_surface(count: int) -> None:
    runs = records([space()], noisy(lambda s: decades(s)))
    assert fit_surface([space()], runs[:count], BASE) is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.none() | st.floats(1e-9, 1e9), min_size=32, max_size=32))
def test_no_losses_break_the_fit(losses: list[float | None]) -> None:
    left = iter(losses)
    surface = fit_surface([space()], records([space()], lambda *_: next(left)), BASE)
    if surface is not None:
        assert all(np.isfinite(each.resampled).all() for each in surface.local.values())
        assert all(0 <= each.share <= 1 for each in surface.importances)
