"""A few settings around the champion's: what analysis and search make of so few runs."""

from typing import Any

import pytest

from flows.nearby import nearby
from smearflow.analysis.narrowing import narrow, space_of
from smearflow.analysis.runs import analyse_runs
from smearflow.params.explore import Explore
from smearflow.params.model import Configuration
from smearflow.params.retrain import Retrain
from smearflow.params.tune import Tune
from smearflow.search.locked import locked
from tests.analysis.records import BASE, records

TUNE = Tune(trials=10, at_once=2, epochs=10, train_fraction=0.3, seed=1)
RATE = BASE.learning_rate


def explored(values: dict[str, Any]) -> Explore:
    names = ("experiments", "words")
    return Explore.model_validate({name: values[f"explore.{name}"] for name in names})


@pytest.mark.parametrize(
    "losses",
    [
        (0.3, 0.2, 0.3),
        (0.1, 0.2, 0.3),
        (0.2, 0.2, 0.2),
        (0.3, 0.2, None),  # the highest diverged
    ],
)
def test_so_few_runs_can_be_analysed_and_the_search_stays_near(
    losses: tuple[float | None, ...],
) -> None:
    values = dict(nearby(BASE, TUNE, 12, Retrain(span=2)))
    explore = explored(values)
    by_rate = dict(zip((RATE / 2, RATE, RATE * 2), losses, strict=True))
    runs = records(explore.experiments, lambda found, _: by_rate[found["learning_rate"]])
    assert len(runs) == 3
    assert all(run.configuration.epochs == 5 for run in runs)
    analysis = analyse_runs(explore.experiments, runs, BASE, 20)
    space = space_of(narrow(explore.experiments, runs, analysis, BASE))
    own = Tune.model_validate(TUNE.model_dump() | {"space": values["tune.space"]}).space
    searched = locked(space.parameters, own)
    assert list(searched) == ["learning_rate"]
    left = searched["learning_rate"].model_dump()
    assert (left["low"], left["high"]) == (RATE / 2, RATE * 2)


@pytest.mark.parametrize(("final", "trials"), [(5, 5), (12, 10)])
def test_a_trial_is_no_longer_than_the_final_training(final: int, trials: int) -> None:
    assert dict(nearby(BASE, TUNE, final, Retrain()))["tune.epochs"] == trials


def test_a_rate_at_its_bound_stays_a_valid_one() -> None:
    best = Configuration(learning_rate=8.0)
    values = dict(nearby(best, TUNE, 12, Retrain(span=2)))
    explored(values)
    assert values["tune.space"]["learning_rate"]["high"] == 10.0
