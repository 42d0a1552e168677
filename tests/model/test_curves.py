import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.model.curves import Curve, diagnose

LABELS = (
    "diverged",
    "exploding",
    "stagnated",
    "training loss rising",
    "overfitting from epoch",
    "loss rising while accuracy still rises",
    "noisy late",
    "still improving",
    "saturated",
    "healthy",
)
Series = list[float | None]


def curve(loss: Series, val_loss: Series, **others: Series) -> Curve:
    return {"loss": loss, "val_loss": val_loss, **others}


@pytest.mark.parametrize(
    ("loss", "val_loss", "verdict"),
    [
        ([0.5, 0.3, 0.2, 0.15], [0.4, 0.25, 0.2, 0.205], "healthy"),
        ([0.5, 0.3, 0.2, 0.15], [0.4, 0.35, 0.3, 0.25], "still improving"),
        ([0.5, 0.3, 0.2, 0.15], [0.4, 0.25, 0.2, 0.199], "healthy"),  # better, by a hair
        ([0.5, 0.3, 0.1, 0.02], [0.4, 0.25, 0.3, 0.45], "overfitting from epoch 3"),
        ([0.5, 0.3, 0.3, 0.31], [0.4, 0.25, 0.3, 0.45], "healthy"),  # training got no better
        ([0.7, 0.69, 0.69], [0.7, 0.69, 0.69], "stagnated"),
        ([0.7, 0.65, 0.63], [0.69, 0.66, 0.68], "stagnated"),
        ([0.4, 0.2, 0.3, 0.35], [0.4, 0.25, 0.3, 0.35], "training loss rising"),
        ([0.4, 0.2, 0.35, 0.21], [0.4, 0.25, 0.3, 0.26], "healthy"),  # one bad epoch
        ([0.5, None], [0.4, None], "diverged"),
        ([0.5, 0.4], [0.4, float("inf")], "diverged"),
        ([0.5, 0.4], [0.4, float("nan")], "diverged"),
        ([1930.0, 40.0], [0.7, 0.7], "diverged"),
        ([0.3, 1.5], [0.2, 0.9], "diverged"),
        ([1930.0, 0.4, 0.2], [9.0, 0.4, 0.2], "exploding"),  # though it came back
        ([0.2, 3.0, 0.3, 0.2], [0.2, 0.4, 0.3, 0.2], "exploding"),
        ([0.5, 0.3, 0.2, 0.2], [0.1, 50.0, 0.3, 0.2], "exploding"),
        ([4.77, 0.58, 0.31, 0.25], [0.3, 0.26, 0.24, 0.24], "healthy"),  # a rough start
        ([0.9], [615.0], "diverged"),
        ([None], [None], "diverged"),
        ([], [], "diverged"),
        ([0.3], [0.3], "healthy"),
        ([0.4, 0.3, 0.2, 0.2, 0.2, 0.2], [0.3, 0.2, 0.2, 0.21, 0.21, 0.2], "saturated"),
        ([0.4, 0.3, 0.25, 0.2, 0.18], [0.3, 0.2, 0.3, 0.2, 0.3], "noisy late"),
    ],
)
def test_diagnosis(loss: Series, val_loss: Series, verdict: str) -> None:
    assert diagnose(curve(loss, val_loss)) == verdict


@pytest.mark.parametrize(
    ("loss", "verdict"),
    [
        ([0.11, 0.10, 0.098], "stagnated"),  # a network that calls every cell negative
        ([0.11, 0.06, 0.04], "still improving"),
        ([0.11, 0.09, 0.25], "diverged"),
    ],
)
def test_of_a_rare_class_guesses_have_a_low_loss(loss: Series, verdict: str) -> None:
    assert diagnose(curve(loss, loss), guessing=0.098) == verdict  # 2 % of the cells


@pytest.mark.parametrize(
    ("norms", "verdict"),
    [
        ([9.0, 3.0, 2.0, 2.0], "healthy"),
        ([2.0, 3.0, 2000.0, 2.0], "exploding"),
        ([2.0, 3.0, None, 2.0], "exploding"),
        ([], "healthy"),
    ],
)
def test_a_gradient_gives_an_explosion_away(norms: Series, verdict: str) -> None:
    shown = curve([0.5, 0.3, 0.2, 0.15], [0.4, 0.25, 0.2, 0.205], gradient_norm=norms)
    assert diagnose(shown) == verdict


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ([0.80, 0.90, 0.92, 0.93], "loss rising while accuracy still rises"),
        ([0.80, 0.90, 0.92, 0.90], "overfitting from epoch 3"),
        ([0.80, 0.90, 0.90, 0.902], "overfitting from epoch 3"),  # a cell or two
        ([], "overfitting from epoch 3"),
    ],
)
def test_a_rising_loss_is_no_harm_while_the_accuracy_rises(
    accuracies: Series, verdict: str
) -> None:
    shown = curve([0.5, 0.3, 0.1, 0.02], [0.4, 0.25, 0.3, 0.45], val_accuracy=accuracies)
    assert diagnose(shown) == verdict


# Trainings of MobileNetV3-Small on rendered cells (the first five) and on cells of the NIH.
@pytest.mark.parametrize(
    ("loss", "val_loss", "verdict"),
    [
        (
            [0.415, 0.269, 0.215, 0.213, 0.197, 0.208, 0.196, 0.194, 0.17, 0.196],
            [0.179, 0.17, 0.154, 0.167, 0.15, 0.15, 0.168, 0.159, 0.164, 0.162],
            "saturated",
        ),
        (
            [9.28, 1.23, 0.54, 0.316, 0.311, 0.247, 0.253, 0.238, 0.23, 0.204],
            [2.15, 0.826, 0.355, 0.224, 0.216, 0.233, 0.209, 0.207, 0.211, 0.156],
            "still improving",
        ),
        (
            [0.683, 0.355, 0.232, 0.216, 0.213, 0.209, 0.208, 0.208, 0.205, 0.197],
            [0.436, 0.222, 0.178, 0.174, 0.174, 0.173, 0.17, 0.168, 0.166, 0.167],
            "healthy",
        ),
        (
            [0.428, 0.667, 0.291, 0.258, 0.282, 0.237, 0.283, 0.225],
            [1.48, 0.229, 0.274, 0.189, 0.271, 0.234, 0.3, 0.216],
            "noisy late",
        ),
        ([16300.0], [300000.0], "diverged"),
        (
            [0.288, 0.112, 0.0809, 0.0689, 0.0635, 0.0463, 0.0429, 0.0441],
            [0.251, 0.268, 0.201, 0.169, 0.224, 0.193, 0.183, 0.185],
            "saturated",
        ),
        ([0.39, 0.155, 0.124, 0.095, 0.0692], [0.175, 0.356, 0.262, 0.176, 0.201], "healthy"),
        (
            [1.01, 0.481, 0.214, 0.186, 0.164],
            [0.654, 0.409, 0.237, 0.263, 0.207],
            "still improving",
        ),
        ([0.911, 0.335, 0.154, 0.0941, 0.0975], [0.537, 0.225, 0.205, 0.172, 0.438], "noisy late"),
        (
            [0.783, 0.284, 0.163, 0.0976, 0.0941, 0.0733, 0.069, 0.0567, 0.0671, 0.0552],
            [0.46, 0.27, 0.22, 0.234, 0.203, 0.188, 0.165, 0.163, 0.168, 0.176],
            "healthy",
        ),
    ],
)
def test_diagnosis_of_real_trainings(loss: Series, val_loss: Series, verdict: str) -> None:
    assert diagnose(curve(loss, val_loss)) == verdict


values = st.none() | st.floats(0, 1e6)


@given(st.lists(st.tuples(values, values, values, values), max_size=12))
def test_any_curve_gets_one_of_the_labels(epochs: list[tuple[float | None, ...]]) -> None:
    series = [list(each) for each in zip(*epochs, strict=True)] or [[], [], [], []]
    names = ("loss", "val_loss", "val_accuracy", "gradient_norm")
    label = diagnose(dict(zip(names, series, strict=True)))
    assert label.startswith(LABELS)
