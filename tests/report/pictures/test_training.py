from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from smearflow.report.pictures.training import plot_training
from tests.records.examples import HISTORY


def test_both_sides_of_the_training_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda self, *_, **__: drawn.append(self))
    plot_training(HISTORY, Path("curve.png"))
    losses: Any
    accuracies: Any
    losses, accuracies = drawn[0].axes
    assert list(losses.lines[0].get_ydata()) == list(HISTORY.curve.loss)
    assert list(accuracies.lines[1].get_ydata()) == list(HISTORY.curve.val_accuracy)
    assert losses.get_ylim()[1] == pytest.approx(3.0)  # a loss that shot up presses nothing flat
    assert "healthy" in drawn[0].get_suptitle()
