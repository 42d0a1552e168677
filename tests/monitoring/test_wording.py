from collections.abc import Sequence

import pandas as pd
import pytest

from smearflow.monitoring.drift import measures_of
from smearflow.monitoring.limits import Score
from smearflow.monitoring.wording import quantity, sentence

MEASURES = {measure.name: measure for measure in measures_of(["blue_mean", "sharpness"])}


def _sentence(name: str, value: float, now: Sequence[object], usual: Sequence[object]) -> str:
    window, reference = pd.DataFrame({name: now}), pd.DataFrame({name: usual})
    return sentence(Score(MEASURES[name], value, 1.5), window, reference, "Parasitized")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("blue_mean", "blue optical density"),
        ("red_spread", "spread of red optical density"),
        ("cell_area", "share of the image that is cell"),
        ("not_listed", "not listed"),
    ],
)
def test_columns_in_words(name: str, words: str) -> None:
    assert quantity(name) == words


def test_direction_and_size() -> None:
    assert _sentence("blue_mean", 2.0, [0.1, 0.3], [0.4, 0.5, 0.6]) == (
        "blue optical density is lower: 0.2 on average, 0.5 in the baseline "
        "(Wasserstein distance 2.00 standard deviations, limit 1.50)"
    )
    assert "is higher: 9 on average" in _sentence("sharpness", 2.0, [8.0, 10.0], [1.0, 2.0])


def test_the_same_mean_of_another_shape() -> None:
    words = _sentence("sharpness", 2.0, [-9.0, 9.2], [0.0, 1.0, -1.0])
    assert words.startswith("sharpness is distributed differently")


def test_labels_and_embedding() -> None:
    words = _sentence("label", 1.6, ["Parasitized"] * 3 + ["Uninfected"], ["Uninfected"])
    assert words.startswith("more cells are called Parasitized: 75%, 0% in the baseline")
    words = _sentence("label", 1.6, ["Uninfected"], ["Parasitized"])
    assert words.startswith("fewer cells are called Parasitized: 0%, 100% in the baseline")
    assert "embedding 1.6, limit 1.5" in _sentence("embedding", 1.6, [], [])
