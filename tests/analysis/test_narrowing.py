import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smearflow.analysis.narrowing import narrow, space_of
from smearflow.analysis.rates import rate_limit
from smearflow.analysis.reach import moved_bound
from smearflow.analysis.runs import analyse_runs
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration
from smearflow.records.analysis.evidence import (
    BestAtEnd,
    LowestLoss,
    NoEffectBetween,
    NotExplored,
    WorseTogether,
)
from smearflow.records.analysis.narrowing import (
    Dropped,
    Narrowing,
    SearchedChoice,
    SearchedInterval,
)
from smearflow.records.search.dimensions import Interval
from tests.analysis.records import BASE, Loss, experiment, record, records, table

RATES = {"low": 1e-4, "high": 1e-2, "sampling": "log"}


def narrowed(questions: list[Experiment], loss: Loss, base: Configuration = BASE) -> Narrowing:
    runs = records(questions, loss)
    return narrow(questions, runs, analyse_runs(questions, runs, base, base.epochs), base)


def interval(space: Narrowing, name: str = "learning_rate") -> SearchedInterval:
    found = space.parameters[name]
    assert isinstance(found, SearchedInterval)
    return found


def choices(space: Narrowing, name: str) -> SearchedChoice:
    found = space.parameters[name]
    assert isinstance(found, SearchedChoice)
    return found


def drawn(**scientific: Any) -> Experiment:
    varied = {"learning_rate": RATES} | scientific
    return experiment(scientific=varied, nuisance={}, seeds=[1], budget=32)


def noisy(height: Any, limit: float = 1.0) -> Loss:
    noise = random.Random(1)

    def loss(settings: dict[str, Any], _: int) -> float | None:
        value = 0.15 * math.exp(height(settings) + noise.gauss(0, 0.03))
        return None if settings["learning_rate"] > limit else value

    return loss


def decades(settings: dict[str, Any]) -> float:
    return math.log10(settings["learning_rate"] / 1e-3)


def test_a_valley_narrows_the_learning_rate() -> None:
    rate = interval(narrowed([drawn()], noisy(lambda s: decades(s) ** 2)))
    assert (rate.kind, rate.sampling) == ("float", "log")
    assert 2e-4 < rate.low < 1e-3 < rate.high < 4e-3
    lowest = rate.evidence[0]
    assert isinstance(lowest, LowestLoss)
    assert rate.low < lowest.value < rate.high


@pytest.mark.parametrize(
    ("scientific", "height", "name", "low", "high"),
    [
        ({}, lambda s: -decades(s), "learning_rate", None, 0.0316),
        ({}, decades, "learning_rate", 3.16e-5, None),
        (
            {"dropout": {"low": 0.1, "high": 0.6}},
            lambda s: -s["dropout"],
            "dropout",
            None,
            0.85,
        ),
        (
            {"dropout": {"low": 0.0, "high": 0.6}},
            lambda s: s["dropout"],
            "dropout",
            0.0,  # there is no negative dropout
            None,
        ),
        (
            {"hidden_units": {"low": 16, "high": 256, "sampling": "log"}},
            lambda s: -math.log(s["hidden_units"]),
            "hidden_units",
            None,
            810,
        ),
    ],
)
def test_a_best_at_a_bound_moves_it_as_far_as_values_go(
    scientific: dict[str, Any], height: Any, name: str, low: float | None, high: float | None
) -> None:
    found = interval(narrowed([drawn(**scientific)], noisy(height)), name)
    assert low is None or found.low == low
    assert high is None or found.high == high
    last = found.evidence[-1]
    assert isinstance(last, BestAtEnd)
    assert last.share == 1.0
    assert found.kind == ("int" if name == "hidden_units" else "float")


def test_rates_that_diverged_are_kept_clear_of() -> None:
    questions = [drawn()]
    loss = noisy(lambda s: -decades(s), limit=3e-3)
    rates = sorted(run.configuration.learning_rate for run in records(questions, loss))
    above = min(rate for rate in rates if rate > 3e-3)
    rate = interval(narrowed(questions, loss))
    assert max(r for r in rates if r < above) <= rate.high < above
    failed = BestAtEnd(side="up", share=1.0, beyond="failed", failed_at=above)
    assert failed in rate.evidence


def test_what_does_not_matter_is_dropped_at_the_value_of_the_base() -> None:
    varied = {"dropout": {"low": 0.0, "high": 0.6}, "augment": [True, False]}
    base = BASE.model_copy(update={"dropout": 0.1})
    space = narrowed([drawn(**varied)], noisy(lambda s: decades(s) ** 2), base)
    assert space.dropped["dropout"] == Dropped(value=0.1, evidence=(NoEffectBetween(),))
    assert space.dropped["augment"].value is True
    assert set(space.parameters) == {"learning_rate"}
    assert space.fixed == {"dropout": 0.1, "augment": True}


def test_choices_that_lost_are_excluded() -> None:
    activations = ["linear", "relu", "tanh"]

    def height(settings: dict[str, Any]) -> float:
        return decades(settings) ** 2 + (settings["hidden_activation"] == "tanh")

    space = narrowed([drawn(hidden_activation=activations)], noisy(height))
    worse = WorseTogether(parameter="hidden_activation", values=("tanh",))
    assert choices(space, "hidden_activation") == SearchedChoice(
        values=("linear", "relu"), evidence=(worse,)
    )


def test_a_comparison_excludes_what_it_finds_worse() -> None:
    losses = {
        ("adam", 0.0002): [0.10, 0.12],
        ("adam", 0.003): [0.30, 0.31],
        ("sgd", 0.0002): [0.50, 0.52],
        ("sgd", 0.003): [0.40, 0.41],
    }
    question = experiment(nuisance={"learning_rate": [0.0002, 0.003], "momentum": [0.8, 0.9]})
    loss = table(losses, "optimizer", "learning_rate")
    space = narrowed([question], loss)
    assert choices(space, "optimizer").values == ("adam",)
    assert "momentum" not in space.parameters
    assert space.fixed["momentum"] == 0.9


def test_without_a_surface_the_comparison_is_all_there_is() -> None:
    losses = {("adam",): [0.10, 0.12], ("sgd",): [0.50, 0.52]}
    question = experiment(nuisance={})
    space = narrowed([question], table(losses, "optimizer"))
    assert choices(space, "optimizer").values == ("adam",)
    rate = interval(space)
    assert (rate.low, rate.high) == (6.32e-5, 6.32e-4)
    assert rate.evidence == (NotExplored(),)


def test_a_comparison_at_a_hopeless_rate_decides_nothing() -> None:
    clipping = experiment(
        "clipping",
        scientific={"gradient_clip": [None, 1.0]},
        nuisance={},
        fixed={"learning_rate": 0.05},
    )
    smooth = noisy(lambda s: decades(s) ** 2)

    def loss(settings: dict[str, Any], seed: int) -> float | None:
        if settings["learning_rate"] == 0.05:
            return None if settings["gradient_clip"] is None else 0.6
        return smooth(settings, seed)

    space = narrowed([drawn(), clipping], loss)
    assert "gradient_clip" not in space.parameters
    assert interval(space).high < 0.05


def test_what_all_experiments_hold_stays_held_except_epochs() -> None:
    held = {"trainable": "frozen", "epochs": 3}
    space = narrowed(
        [experiment(fixed=held)], lambda s, seed: 0.1 + s["learning_rate"] + seed / 1e3
    )
    assert space.fixed == {"trainable": "frozen", "optimizer": "adam"}


def test_a_search_reads_no_evidence() -> None:
    found = narrowed([drawn()], noisy(lambda s: decades(s) ** 2))
    read = space_of(found)
    (rate,) = read.parameters.values()
    assert type(rate) is Interval
    assert rate.low == interval(found).low
    assert read.fixed == found.fixed


@pytest.mark.parametrize(
    ("name", "scale", "searched", "side", "bound"),
    [
        ("dropout", "linear", (0.0, 0.6), "up", 0.9),
        ("dropout", "linear", (0.0, 0.9), "up", 0.95),
        ("dropout", "linear", (0.0, 0.6), "down", None),
        ("weight_decay", "log", (1e-4, 1e-1), "up", 0.316),
        ("weight_decay", "log", (0.0, 1e-1), "down", None),
        ("weight_decay", "log", (1e-4, 1.0), "up", None),
        ("hidden_units", "log", (16, 256), "up", 810),
        ("hidden_units", "log", (1, 256), "down", None),
        ("hidden_units", "log", (16, 64), "up", 128),
    ],
)
def test_moved_bounds(
    name: str, scale: str, searched: tuple[float, float], side: str, bound: float | None
) -> None:
    found = moved_bound(name, scale, searched, side)
    assert found == bound
    if found is not None:
        Configuration.model_validate({name: found})


@pytest.mark.parametrize(
    ("trained", "diverged", "limit"),
    [
        ([1e-3, 3e-3], [], None),
        ([1e-3, 3e-3], [1e-2, 3e-2], (3e-3, 1e-2)),
        ([1e-3, 1e-2], [3e-3], (1e-3, 3e-3)),  # another seed had luck
        ([1e-2], [1e-3], (1e-3 / math.sqrt(10), 1e-3)),
    ],
)
def test_rate_limit(trained: list[float], diverged: list[float], limit: Any) -> None:
    runs = [record({"learning_rate": rate}, 0.1) for rate in trained]
    runs += [record({"learning_rate": rate}, None) for rate in diverged]
    runs.append(record({"learning_rate": 1e-6, "optimizer": "sgd"}, None))
    found = rate_limit(runs, {"optimizer": ["adam"]})
    assert found == (None if limit is None else pytest.approx(limit))


def test_a_run_that_exploded_to_a_coin_sets_the_limit() -> None:
    runs = [record({"learning_rate": rate}, 0.1) for rate in (1e-3, 3e-3)]
    wild = {name: [1.0, 1e6, 0.7] for name in ("loss", "val_loss", "gradient_norm")}
    runs.append(record({"learning_rate": 5e-3}, 0.6932, curve=wild))
    runs.append(record({"learning_rate": 1e-5}, 0.6932))  # too slow to learn anything
    assert rate_limit(runs, {"optimizer": ["adam"]}) == (3e-3, 5e-3)


effects = st.floats(-2, 2)


@settings(max_examples=25, deadline=None)
@given(effects, effects, effects, st.floats(2e-4, 2e-2), st.integers(0, 9))
def test_any_space_is_valid_and_clear_of_rates_that_diverged(
    slope: float, bend: float, dose: float, limit: float, seed: int
) -> None:
    question = drawn(
        dropout={"low": 0.0, "high": 0.6}, hidden_units={"low": 16, "high": 256, "sampling": "log"}
    )
    noise = random.Random(seed)

    def loss(settings: dict[str, Any], _: int) -> float | None:
        height = slope * decades(settings) + bend * decades(settings) ** 2
        height += dose * settings["dropout"] + noise.gauss(0, 0.1)
        return None if settings["learning_rate"] > limit else 0.2 * math.exp(height)

    runs = records([question], loss)
    space = narrow([question], runs, analyse_runs([question], runs, BASE, BASE.epochs), BASE)
    for name in space.parameters:
        found = interval(space, name)
        assert found.low < found.high
        for bound in (found.low, found.high):
            Configuration.model_validate(space.fixed | {name: bound})
    rate = interval(space)
    for run in runs:
        if run.status == "diverged":
            assert not rate.low <= run.configuration.learning_rate <= rate.high
