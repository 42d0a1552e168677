import pytest

from smearflow.model.curves import Curve, diagnose


def curve(loss: list[float | None], val_loss: list[float | None]) -> Curve:
    return {"loss": loss, "val_loss": val_loss}


@pytest.mark.parametrize(
    ("loss", "val_loss", "verdict"),
    [
        ([0.5, 0.3, 0.2, 0.15], [0.4, 0.25, 0.2, 0.205], "healthy"),
        ([0.5, 0.3, 0.2, 0.15], [0.4, 0.35, 0.3, 0.25], "still improving"),
        ([0.5, 0.3, 0.2, 0.15], [0.4, 0.25, 0.2, 0.199], "healthy"),  # better, by a hair
        ([0.5, 0.3, 0.1, 0.02], [0.4, 0.25, 0.3, 0.45], "overfitting"),
        ([0.5, 0.3, 0.3, 0.31], [0.4, 0.25, 0.3, 0.45], "healthy"),  # training got no better
        ([0.7, 0.69, 0.69], [0.7, 0.69, 0.69], "stagnated"),
        ([0.7, 0.65, 0.63], [0.69, 0.66, 0.68], "stagnated"),
        ([0.5, None], [0.4, None], "diverged"),
        ([0.5, 0.4], [0.4, float("inf")], "diverged"),
        ([0.5, 0.4], [0.4, float("nan")], "diverged"),
        ([1930.0, 40.0], [0.7, 0.7], "diverged"),
        ([0.3, 1.5], [0.2, 0.9], "diverged"),
        ([1930.0, 0.4, 0.2], [9.0, 0.4, 0.2], "still improving"),  # it came back
        ([0.9], [615.0], "diverged"),
        ([None], [None], "diverged"),
        ([], [], "diverged"),
        ([0.3], [0.3], "healthy"),
    ],
)
def test_diagnosis(loss: list[float | None], val_loss: list[float | None], verdict: str) -> None:
    assert diagnose(curve(loss, val_loss)) == verdict
