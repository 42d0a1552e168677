from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from smearflow.report.pictures.training import plot_training


def test_both_sides_of_the_training_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda self, *_, **__: drawn.append(self))
    curve: dict[str, list[float | None]] = {
        "loss": [0.5, 0.3, 9.0],
        "accuracy": [0.7, 0.9, 0.5],
        "val_loss": [0.6, None, 9.0],
        "val_accuracy": [0.6, 0.8, 0.5],
    }
    history: dict[str, Any] = {"diagnosis": "healthy", "best_epoch": 2, "epochs": 3}
    plot_training(history | {"curve": curve}, Path("curve.png"))
    losses: Any
    accuracies: Any
    losses, accuracies = drawn[0].axes
    assert list(losses.lines[0].get_ydata()) == curve["loss"]
    assert list(accuracies.lines[1].get_ydata()) == curve["val_accuracy"]
    assert losses.get_ylim()[1] == pytest.approx(3.0)  # a loss that shot up presses nothing flat
    assert "healthy" in drawn[0].get_suptitle()
