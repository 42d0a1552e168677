from smearflow.analysis.convergence import convergence
from tests.analysis.records import BASE, experiment, record


def test_the_fastest_setting_is_the_first_to_come_near_the_lowest_loss() -> None:
    slow = record({}, 0.10, id="slow")
    early = {"loss": [0.3, 0.2, 0.1], "val_loss": [0.107, 0.105, 0.105]}
    fast = record({"dropout": 0.5}, 0.105, id="fast", curve=early)
    bad = record({"dropout": 0.3}, 0.5, id="bad")
    question = experiment(scientific={"dropout": [0.0, 0.3, 0.5]})
    found = convergence([question], [slow, fast, bad], BASE)
    assert [row.epochs for row in found.rows] == [1, 3]
    assert found.rows[0].settings == {"learning_rate": 0.0002, "dropout": 0.5}
    assert found.lowest == 0.10
    assert (found.reached, found.as_early) == (2, 1)
