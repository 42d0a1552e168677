import pytest

from smearflow.params.model import Setting, Value
from smearflow.report.text import enumerate_words, in_order, mean_and_deviation, setting, settings


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "none"), (True, "yes"), (False, "no"), (0.00012345, "0.000123"), (20, "20")],
)
def test_setting(value: Value, text: str) -> None:
    assert setting(value) == text
    assert settings({"hidden_units": value}) == f"hidden units {text}"


@pytest.mark.parametrize(
    ("mean", "std", "text"),
    [(0.156, 0.012, "0.1560 ± 0.0120"), (0.156, None, "0.1560"), (None, None, "–")],
)
def test_spread(mean: float | None, std: float | None, text: str) -> None:
    assert mean_and_deviation(mean, std) == text


@pytest.mark.parametrize(
    ("names", "text"),
    [(["a_b"], "a b"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")],
)
def test_words_in_a_row(names: list[str], text: str) -> None:
    assert enumerate_words(names, "or") == text


def test_settings_come_in_the_order_of_a_configuration() -> None:
    shuffled: Setting = {"dropout": 0.1, "learning_rate": 0.01, "optimizer": "sgd"}
    assert list(in_order(shuffled)) == ["optimizer", "learning_rate", "dropout"]
