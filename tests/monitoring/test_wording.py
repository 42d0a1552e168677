import re
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


def _numbers(words: str) -> list[float]:
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", words)]


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
    words = _sentence("blue_mean", 2.0, [0.1, 0.3], [0.4, 0.5, 0.6])
    assert words.startswith(f"{quantity('blue_mean')} is lower")
    assert _numbers(words) == [0.2, 0.5, 2.0, 1.5]  # now, usual, score, limit
    words = _sentence("sharpness", 2.0, [8.0, 10.0], [1.0, 2.0])
    assert words.startswith("sharpness is higher")
    assert _numbers(words) == [9.0, 1.5, 2.0, 1.5]


def test_the_same_mean_of_another_shape() -> None:
    words = _sentence("sharpness", 2.0, [-9.0, 9.2], [0.0, 1.0, -1.0])
    assert words.startswith("sharpness is distributed differently")


@pytest.mark.parametrize(
    ("now", "usual", "first", "shares"),
    [
        (["Parasitized"] * 3 + ["Uninfected"], ["Uninfected"], "more", [75, 0]),
        (["Uninfected"], ["Parasitized"], "fewer", [0, 100]),
    ],
)
def test_labels(now: list[str], usual: list[str], first: str, shares: list[float]) -> None:
    words = _sentence("label", 1.6, now, usual)
    assert words.split()[0] == first
    assert "Parasitized" in words
    assert _numbers(words) == [*shares, 1.6, 1.5]


def test_an_embedding_has_no_direction() -> None:
    assert _numbers(_sentence("embedding", 1.6, [], [])) == [1.6, 1.5]
