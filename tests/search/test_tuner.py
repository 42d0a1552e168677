import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from smearflow.engine.declaration import Declaration
from smearflow.engine.jobs import RunResult
from smearflow.ground.errors import SmearflowError
from smearflow.params.explore import Range
from smearflow.params.model import Configuration
from smearflow.records.search.dimensions import Choice, Dimension, Interval
from smearflow.records.search.trials import TrialRecord
from smearflow.search.halving import hyperband_trials
from smearflow.search.locked import locked
from smearflow.search.tuner import best_trial, search
from tests.toy_sides import COIN

SPACE: dict[str, Dimension] = {
    "learning_rate": Interval(kind="float", low=1e-5, high=1.0, sampling="log"),
    "hidden_activation": Choice(values=("linear", "relu")),
    "optimizer": Choice(values=("sgd",)),
    "trainable": Choice(values=("frozen", 1, "all")),
}


def result(loss: float, *, diverged: bool = False) -> RunResult:
    """A run of two epochs; one that diverged has a tempting loss."""
    return RunResult(
        status="diverged" if diverged else "completed",
        best_epoch=2,
        val_loss=-1.0 if diverged else loss,
        val_accuracy=0.9,
        steps=2,
        curve={"loss": [0.5, None if diverged else loss]},
        guessing=COIN,
        weight_change={},
        histograms={},
    )


class Formula:
    """Runs whose loss is a formula: lowest at a learning rate of 0.001, diverging above 0.1."""

    def __init__(self, diverges_above: float = 0.1) -> None:
        self.rounds: list[int] = []
        self._diverges_above = diverges_above

    def __call__(self, configurations: Sequence[Configuration]) -> list[RunResult]:
        self.rounds.append(len(configurations))
        return [self._result(each) for each in configurations]

    def _result(self, configuration: Configuration) -> RunResult:
        loss = 0.1 + math.log10(configuration.learning_rate / 1e-3) ** 2 / 10
        return result(loss, diverged=configuration.learning_rate > self._diverges_above)


def run(formula: Formula, work: Path, trials: int = 6, at_once: int = 2) -> list[TrialRecord]:
    work.mkdir(exist_ok=True)
    found = search(Declaration(Configuration(), SPACE), trials, at_once, 1, work, formula)
    return list(found.trials)


def test_search_finds_the_low_and_failures_never_win(tmp_path: Path) -> None:
    records = run(Formula(), tmp_path, trials=10)
    assert [int(record.trial_id) for record in records] == list(range(10))
    failed = [record for record in records if record.status == "FAILED"]
    assert failed
    assert all(record.configuration.learning_rate > 0.1 for record in failed)
    assert all(record.message == "diverged in epoch 2" for record in failed)
    assert all(record.val_loss is None for record in failed)
    assert len(failed) < 5  # they do not draw the search to them
    best = best_trial(records)
    assert best.status == "COMPLETED"
    assert 1e-4 < best.configuration.learning_rate < 1e-2


def test_one_choice_is_no_dimension_and_mixed_types_survive(tmp_path: Path) -> None:
    configurations = [record.configuration for record in run(Formula(), tmp_path)]
    assert {each.optimizer for each in configurations} == {"sgd"}
    assert {each.trainable for each in configurations} <= {"frozen", 1, "all"}
    assert len({each.trainable for each in configurations}) > 1


def test_same_seed_same_search(tmp_path: Path) -> None:
    assert run(Formula(), tmp_path / "one") == run(Formula(), tmp_path / "two")


@pytest.mark.parametrize(("at_once", "rounds"), [(1, [1] * 5), (2, [2, 2, 1]), (9, [5])])
def test_trials_are_proposed_a_few_at_once(tmp_path: Path, at_once: int, rounds: list[int]) -> None:
    formula = Formula()
    records = run(formula, tmp_path, trials=5, at_once=at_once)
    assert formula.rounds == rounds
    assert len({record.configuration.learning_rate for record in records}) == 5


class Slope(Formula):
    """Runs whose loss is lowest at the highest learning rate: a corner of the space."""

    def _result(self, configuration: Configuration) -> RunResult:
        return result(1 - configuration.learning_rate)


def test_nothing_is_tried_twice_at_a_corner_of_the_space(tmp_path: Path) -> None:
    records = run(Slope(), tmp_path, trials=10)
    tried = [record.configuration.model_dump_json() for record in records]
    assert len(set(tried)) == 10
    assert best_trial(records).configuration.learning_rate == pytest.approx(1.0)


def test_a_search_that_is_sure_of_a_place_tries_others(tmp_path: Path) -> None:
    declaration = Declaration(
        Configuration(),
        {"learning_rate": Interval(kind="float", low=1e-4, high=1e-2, sampling="log")},
    )
    records = search(declaration, 10, 2, 1, tmp_path, Formula()).trials
    rates = sorted(math.log10(record.configuration.learning_rate) for record in records)
    assert min(b - a for a, b in itertools.pairwise(rates)) > 0.01 * 2  # of a range of 2


@pytest.mark.parametrize("best", [1e-2, 1e-5])
def test_a_space_that_cuts_its_optimum_off_is_searched_beyond_its_bound(
    tmp_path: Path, best: float
) -> None:
    class Valley(Formula):
        def _result(self, configuration: Configuration) -> RunResult:
            return result(0.1 + math.log10(configuration.learning_rate / best) ** 2)

    found = []
    for name, reach in (("held", None), ("free", (1e-6, 1e-1))):
        interval = Interval(kind="float", low=1e-4, high=1e-3, sampling="log", reach=reach)
        declaration = Declaration(Configuration(), {"learning_rate": interval})
        (tmp_path / name).mkdir()
        found.append(search(declaration, 12, 2, 1, tmp_path / name, Valley()))
    held, free = found
    assert [each.after for each in held.at_bounds] == [None]  # said, though it stays
    assert {each.side for each in free.at_bounds if each.after} == {"up" if best > 1e-3 else "down"}
    assert best_trial(free.trials).loss < best_trial(held.trials).loss - 0.5


def test_whole_numbers_stay_whole_and_what_is_locked_wins(tmp_path: Path) -> None:
    own: dict[str, Range | tuple[Any, ...]] = {
        "hidden_units": Range(low=16, high=64, sampling="log"),
        "optimizer": ("adam", "sgd"),
    }
    space = locked(SPACE, own)
    assert space["hidden_units"] == Interval(kind="int", low=16, high=64, sampling="log")
    assert space["optimizer"] == Choice(values=("adam", "sgd"))
    assert space["learning_rate"] == SPACE["learning_rate"]
    records = search(Declaration(Configuration(), space), 8, 2, 1, tmp_path, Formula()).trials
    units = [record.configuration.hidden_units for record in records]
    assert {type(each) for each in units} == {int}
    assert min(units) >= 16
    assert max(units) <= 64
    assert {record.configuration.optimizer for record in records} == {"adam", "sgd"}


class Halving(Formula):
    """Runs whose loss is a formula, less the more epochs."""

    def _result(self, configuration: Configuration) -> RunResult:
        found = super()._result(configuration)
        if found.status == "diverged":
            return found
        return result((found.val_loss or 0.0) + 1 / configuration.epochs)


@pytest.mark.parametrize("epochs", [1, 3, 9, 10])
def test_hyperband_trains_many_for_few_epochs_and_the_best_of_them_longer(
    tmp_path: Path, epochs: int
) -> None:
    declaration = Declaration(Configuration(epochs=epochs), SPACE)
    trials = hyperband_trials(epochs)
    records, again = (
        search(declaration, trials, 2, 1, work, Halving(math.inf), "hyperband").trials
        for work in (tmp_path, tmp_path)  # whatever a search left there, the next begins anew
    )
    assert records == again
    assert len(records) == trials
    lengths = [each.configuration.epochs for each in records]
    assert max(lengths) == epochs
    if epochs > 3:
        assert lengths.count(min(lengths)) > lengths.count(epochs) / 2
    whole = [each for each in records if each.configuration.epochs == epochs]
    assert best_trial(records) == min(whole, key=lambda each: each.loss)


def test_what_diverges_never_goes_on_with_hyperband(tmp_path: Path) -> None:
    declaration = Declaration(Configuration(epochs=9), SPACE)
    records = search(declaration, 99, 2, 1, tmp_path, Halving(), "hyperband").trials
    whole = [each for each in records if each.configuration.epochs == 9]
    halved = [each for each in records if each.configuration.epochs == 3]
    assert any(each.status == "FAILED" for each in records)
    assert whole
    assert halved
    assert best_trial(records).status == "COMPLETED"


def test_a_random_search_learns_from_no_trial(tmp_path: Path) -> None:
    found = []
    for formula in (Formula(), Slope()):
        declaration = Declaration(Configuration(), SPACE)
        records = search(declaration, 12, 2, 1, tmp_path, formula, "random").trials
        found.append([record.configuration for record in records])
    assert found[0] == found[1]
    assert len({each.model_dump_json() for each in found[0]}) == 12


def test_a_search_begins_anew_in_a_used_folder(tmp_path: Path) -> None:
    assert run(Formula(), tmp_path) == run(Formula(), tmp_path)


def test_a_search_in_which_nothing_completed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="none of 5 trials completed: diverged in epoch 2"):
        run(Formula(diverges_above=0.0), tmp_path, trials=5)


def test_a_crash_is_no_failed_trial(tmp_path: Path) -> None:
    def crash(configurations: Sequence[Configuration]) -> list[RunResult]:
        raise RuntimeError(f"out of memory, {len(configurations)} at once")

    with pytest.raises(RuntimeError, match="out of memory"):
        search(Declaration(Configuration(), SPACE), 3, 2, 1, tmp_path, crash)
