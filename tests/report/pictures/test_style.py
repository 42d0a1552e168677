import pytest

from smearflow.report.pictures.style import by_kind, kind_of, settings_in_words
from tests.analysis.records import record


@pytest.mark.parametrize(
    ("label", "kind"),
    [("overfitting from epoch 3", "overfitting"), ("healthy", "healthy")],
)
def test_an_epoch_makes_no_kind(label: str, kind: str) -> None:
    assert kind_of(label) == kind


def test_failures_are_drawn_last() -> None:
    labels = {"a": "diverged", "b": "overfitting from epoch 2", "c": "healthy", "d": "diverged"}
    found = by_kind([record({}, 0.1, id=name) for name in labels], labels)
    assert [(kind, [run.id for run in own]) for kind, own in found] == [
        ("healthy", ["c"]),
        ("overfitting", ["b"]),
        ("diverged", ["a", "d"]),
    ]


def test_settings_are_words() -> None:
    assert (
        settings_in_words({"optimizer": "adam", "learning_rate": 0.0002})
        == "adam, learning rate 0.0002"
    )
