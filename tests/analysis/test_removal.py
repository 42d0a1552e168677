import math

import pytest

from smearflow.analysis.runs import analyse_runs
from smearflow.experiments.plan import NOTHING_CHANGED
from tests.analysis.records import BASE, experiment, records, table


@pytest.mark.parametrize(
    ("changed", "removable"),
    [
        ([0.101, 0.122], True),
        ([0.05, 0.06], True),
        ([0.50, 0.52], False),
        ([None, None], False),
        ([None, 0.1], False),
    ],
)
def test_what_can_be_removed(changed: list[float | None], removable: bool) -> None:
    removed = {"without symmetries": {"augment": False}}
    ablation = experiment("ablation", scientific={}, nuisance={}, ablations=removed)
    losses: dict[tuple[bool], list[float | None]] = {(True,): [0.10, 0.12], (False,): changed}
    runs = records([ablation], table(losses, "augment"))
    [row] = analyse_runs([ablation], runs, BASE, BASE.epochs).removable.rows
    assert row.removable is removable
    assert row.name != NOTHING_CHANGED


def test_an_ablation_that_changes_no_curve_tested_nothing() -> None:
    removed = {"without symmetries": {"augment": False}, "without a fall": {"plateau_patience": 99}}
    ablation = experiment("ablation", scientific={}, nuisance={}, ablations=removed)
    losses = {(True,): [0.10, 0.12], (False,): [0.101, 0.122]}
    runs = records([ablation], table(losses, "augment"))
    found = analyse_runs([ablation], runs, BASE, BASE.epochs).removable
    assert [row.exercised for row in found.rows] == [True, False]
    assert found.rows[1].removable is None


def test_an_ablation_of_what_matters_is_not_called_harmless() -> None:
    removed = {"without symmetries": {"augment": False}}
    ablation = experiment("ablation", scientific={}, nuisance={}, ablations=removed)
    varied = {"dropout": {"low": 0.0, "high": 0.6}, "augment": [True, False]}
    question = experiment(scientific=varied, nuisance={}, seeds=[1], budget=32)
    losses = {(True,): [0.20, 0.22], (False,): [0.21, 0.24]}
    runs = records([ablation], table(losses, "augment"))
    noise = iter(0.01 * math.sin(7 * number) for number in range(32))
    runs += records([question], lambda s, _: 0.2 * math.exp(0.5 * s["augment"] + next(noise)))
    found = analyse_runs([ablation, question], runs, BASE, BASE.epochs).removable
    assert found.rows[0].matters == ()  # all runs together say the opposite: it is not known
    assert found.rows[0].removable is None


def test_one_seed_does_not_tell_what_can_be_removed() -> None:
    removed = {"without symmetries": {"augment": False}}
    ablation = experiment("ablation", scientific={}, nuisance={}, ablations=removed, seeds=[1])
    found = analyse_runs(
        [ablation], records([ablation], lambda *_: 0.1), BASE, BASE.epochs
    ).removable
    assert found.rows[0].removable is None
