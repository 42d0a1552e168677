from typing import Any

import numpy as np

from benchmarks.label_errors import plant, table
from tests.toy_sides import toy_side


def told(text: str) -> dict[str, str]:
    rows = (line.strip("| ").partition(" | ") for line in text.splitlines())
    return {name: value for name, _, value in rows}


def test_planted_labels_are_counted_where_a_good_network_looks() -> None:
    side = toy_side(patients=20, per_class=10)
    noisy, wrong = plant(side, 0.05)
    assert wrong.sum() == 20
    assert ((noisy.targets != side.targets) == wrong).all()
    sure: Any = np.where(side.targets == 1, 0.98, 0.02)
    blurred = sure + np.random.default_rng(1).normal(0, 0.005, len(sure))
    found = told(table(noisy, wrong, blurred))
    assert found["precision at 20"] == "1.000"
    assert found["accuracy by the labels before"] == "1.0000"
    blind = told(table(noisy, wrong, np.random.default_rng(2).random(len(sure))))
    assert float(blind["precision at 20"]) < 0.3


def test_without_planted_labels_only_the_estimates_are_told() -> None:
    side, wrong = plant(toy_side(), 0.0)
    assert not wrong.any()
    found = told(table(side, wrong, np.where(side.targets == 1, 0.98, 0.02)))
    assert found["likely wrong"] == "0"
    assert "planted" not in found
