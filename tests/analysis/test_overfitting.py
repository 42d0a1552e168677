import math

import pytest

from smearflow.analysis.runs import analyse_runs
from tests.analysis.records import BASE, experiment, record, records


@pytest.mark.parametrize(("slope", "helps"), [(-1.0, True), (1.0, False), (0.0, None)])
def test_regularisers_help_harm_or_neither(slope: float, helps: bool | None) -> None:
    varied = {"dropout": {"low": 0.0, "high": 0.6}, "augment": [True, False]}
    question = experiment(scientific=varied, nuisance={}, seeds=[1], budget=32)
    # a little noise that neither parameter explains
    noise = iter(0.01 * math.sin(7 * number) for number in range(32))
    runs = records([question], lambda s, _: 0.2 * math.exp(slope * s["dropout"] + next(noise)))
    rows = {
        row.name: row
        for row in analyse_runs([question], runs, BASE, BASE.epochs).overfitting.regularisers
    }
    assert rows["dropout"].helps is helps
    assert rows["augment"].helps is None
    assert rows["dropout"].effect == pytest.approx(math.expm1(0.3 * slope), abs=0.02)


def test_overfitted_runs_are_counted() -> None:
    losses = {"loss": [0.5, 0.3, 0.1, 0.02], "val_loss": [0.4, 0.25, 0.3, 0.45]}
    over = record({}, 0.25, id="over", curve=losses, best_epoch=2)
    found = analyse_runs(
        [experiment()], [over, record({}, 0.2, id="fine")], BASE, BASE.epochs
    ).overfitting
    assert found.share == 0.5
    assert (found.overfitted, found.completed) == (1, 2)
    assert found.gap == pytest.approx(-0.025)
