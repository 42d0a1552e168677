from typing import Any

import pytest

from benchmarks.narrowing import main, table, trials_to_reach, wide_space
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration
from smearflow.records.search.dimensions import Choice, Interval
from smearflow.records.search.trials import TrialRecord


def trial(loss: float | None) -> TrialRecord:
    return TrialRecord(
        trial_id="0",
        status="FAILED" if loss is None else "COMPLETED",
        configuration=Configuration(),
        val_loss=loss,
        val_accuracy=None if loss is None else 0.9,
        curve={},
        message=None,
    )


def experiment(**roles: Any) -> Experiment:
    settings = {"name": "one", "seeds": [1], "budget": 4, "train_fraction": 1}
    return Experiment.model_validate(settings | roles)


def test_wide_space_holds_everything_that_was_looked_at() -> None:
    space = wide_space(
        [
            experiment(
                scientific={"optimizer": ["adam", "sgd"]},
                nuisance={"learning_rate": [0.00002, 0.003]},
            ),
            experiment(
                scientific={
                    "learning_rate": {"low": 0.0001, "high": 0.01, "sampling": "log"},
                    "weight_decay": {"low": 0.001, "high": 0.1, "sampling": "log"},
                    "hidden_units": [16, 64],
                }
            ),
            experiment(scientific={"weight_decay": [0.0, 0.01], "hidden_units": [64, 256]}),
            experiment(ablations={"without symmetries": {"augment": False}}),
        ]
    )
    assert space == {
        "optimizer": Choice(values=("adam", "sgd")),
        "learning_rate": Interval(kind="float", low=0.00002, high=0.01, sampling="log"),
        "weight_decay": Interval(kind="float", low=0.001, high=0.1, sampling="log"),
        "hidden_units": Choice(values=(16, 64, 256)),
    }


@pytest.mark.parametrize(
    ("losses", "wanted"),
    [([0.3, 0.2, 0.1], 2), ([0.2, 0.1], 1), ([0.3, 0.21], None), ([None, 0.1], 2), ([None], None)],
)
def test_trials_are_counted_until_the_loss_is_reached(
    losses: list[float | None], wanted: int | None
) -> None:
    assert trials_to_reach([trial(loss) for loss in losses], 0.2) == wanted


def test_the_median_survives_a_search_that_never_got_there() -> None:
    wide = [trial(0.3), trial(0.2)]
    pairs = [
        (wide, [trial(0.1)]),
        (wide, [trial(None), trial(0.3)]),
        (wide, [trial(0.3), trial(0.3), trial(0.2)]),
    ]
    assert table(pairs).splitlines()[2:] == [
        "| 1 | 0.2000 | 0.1000 | 2 | 1 |",
        "| 2 | 0.2000 | 0.3000 | 2 | never |",
        "| 3 | 0.2000 | 0.2000 | 2 | 3 |",
        "| median | 0.2000 | 0.2000 | 2 | 3 |",
    ]


def test_a_run_without_exploration_is_said_in_a_line(tmp_path: Any) -> None:
    with pytest.raises(SystemExit, match=r"^error: .*params.yaml does not exist"):
        main(["--run", str(tmp_path)])
