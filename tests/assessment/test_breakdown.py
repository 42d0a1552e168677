import numpy as np
import pytest

from smearflow.assessment.breakdown import most_confident_errors, per_patient

TARGETS = np.array([0, 0, 1, 1, 1, 0], np.int8)
PROBABILITIES = np.array([0.9, 0.2, 0.1, 0.8, 0.4, 0.5], np.float32)


def test_a_row_per_patient() -> None:
    table = per_patient(TARGETS, PROBABILITIES, ["b", "b", "b", "b", "b", "a"], 0.5)
    assert list(table["patient"]) == ["a", "b"]
    first, second = table.to_dict("records")
    assert np.isnan(first.pop("sensitivity"))
    assert first == {
        "patient": "a",
        "cells": 1,
        "positives": 0,
        "called": 1,
        "accuracy": 0.0,
        "specificity": 0.0,
        "mean_probability": 0.5,
    }
    assert second == {
        "patient": "b",
        "cells": 5,
        "positives": 3,
        "called": 2,
        "accuracy": 0.4,
        "sensitivity": pytest.approx(1 / 3),
        "specificity": 0.5,
        "mean_probability": pytest.approx(0.48),
    }


def test_errors_are_sorted_from_the_surest() -> None:
    false_positives, false_negatives = most_confident_errors(TARGETS, PROBABILITIES, 0.5, 5)
    assert (list(false_positives.indices), false_positives.total) == ([0, 5], 2)
    assert (list(false_negatives.indices), false_negatives.total) == ([2, 4], 2)


def test_no_more_errors_than_asked_for() -> None:
    false_positives, false_negatives = most_confident_errors(TARGETS, PROBABILITIES, 0.5, 1)
    assert (list(false_positives.indices), false_positives.total) == ([0], 2)
    assert (list(false_negatives.indices), false_negatives.total) == ([2], 2)
