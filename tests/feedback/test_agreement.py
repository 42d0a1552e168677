"""All labels swapped: told by how they agree with the model in use."""

import numpy as np
import pytest

from smearflow.feedback.agreement import agreement


def answers_of(labels: np.ndarray, right: float) -> np.ndarray:
    """Those of a model that is right as often as that, in each class."""
    answers = labels.copy()
    for each in (True, False):
        where = np.flatnonzero(labels == each)
        wrong = where[: round((1 - right) * len(where))]
        answers[wrong] = ~answers[wrong]
    return answers


@pytest.mark.parametrize(
    ("right", "cells", "flagged"),
    [
        (0.95, 40, False),
        (0.65, 200, False),  # another laboratory
        (0.5, 200, False),  # where the model knows nothing
        (0.45, 40, False),
        (0.05, 40, True),  # a good model, all labels swapped
        (0.35, 200, True),  # one of that laboratory, likewise
        (0.05, 4, False),  # too few to tell
    ],
)
@pytest.mark.parametrize("positive", [0.5, 0.25])
def test_only_labels_far_below_chance_are_flagged(
    right: float, cells: int, flagged: bool, positive: float
) -> None:
    labels = np.arange(cells) < positive * cells
    found = agreement(labels.tolist(), answers_of(labels, right).tolist())
    assert found.flagged is flagged
    assert found.cells == cells
    assert found.share == pytest.approx(right, abs=0.5 / (positive * cells))


@pytest.mark.parametrize("label", [True, False])
def test_labels_of_one_class_tell_nothing(label: bool) -> None:
    found = agreement([label] * 50, [not label] * 40 + [label] * 10)
    assert (found.p_value, found.flagged) == (None, False)


def test_no_cells() -> None:
    assert agreement([], []).share is None
