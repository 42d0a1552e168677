"""Which cells to ask about: planted ones must be found."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.feedback.queue import LEAST_DOUBT, choose, doubts, draw


@pytest.mark.parametrize(
    ("probability", "doubt"),
    [(0.3, 1.0), (0.15, 0.5), (0.65, 0.5), (0.0, LEAST_DOUBT), (1.0, LEAST_DOUBT)],
)
def test_doubt_is_greatest_at_the_threshold(probability: float, doubt: float) -> None:
    assert doubts(np.array([probability]), 0.3)[0] == pytest.approx(doubt)


NONE = [False] * 100  # called positive


def planted() -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Five clusters of 20 cells, the last one far from what is known; four cells of patient a."""
    rng = np.random.default_rng(1)
    centres = np.repeat(10 * np.eye(5, 8), 20, axis=0)
    embeddings = centres + rng.normal(0, 0.1, centres.shape)
    novelty = np.where(np.arange(100) >= 80, 9.0, 1.0)
    patients = [f"p{n % 20}" for n in range(100)]
    return embeddings, np.full(100, 0.5), novelty, patients


def test_each_cluster_is_asked_about_and_the_new_one_first() -> None:
    embeddings, doubt, novelty, patients = planted()
    chosen = choose(embeddings, doubt, novelty, patients, NONE, 5, 5)
    assert chosen[0] // 20 == 4
    assert {cell // 20 for cell in chosen} == {0, 1, 2, 3, 4}


def test_of_a_cluster_the_unsure_one_is_asked_about() -> None:
    embeddings, doubt, novelty, patients = planted()
    doubt[[7, 27, 47, 67, 87]] = 1.0
    assert set(choose(embeddings, doubt, novelty, patients, NONE, 5, 5)) == {7, 27, 47, 67, 87}


def test_both_calls_of_the_model_are_asked_about_in_turn_while_there_are_both() -> None:
    embeddings, doubt, novelty, patients = planted()
    called = [cell < 83 for cell in range(100)]  # the cluster far away is called negative
    chosen = choose(embeddings, doubt, novelty, patients, called, 40, 99)
    assert [called[cell] for cell in chosen[:34]] == [True, False] * 17
    assert all(called[cell] for cell in chosen[34:])


def test_no_patient_is_asked_about_too_often_and_no_cell_twice() -> None:
    embeddings, doubt, novelty, _ = planted()
    patients = ["a"] * 90 + ["b"] * 10
    chosen = choose(embeddings, doubt, novelty, patients, NONE, 50, 8)
    assert len(chosen) == len(set(chosen)) == 16
    assert sum(patients[cell] == "a" for cell in chosen) == 8


@given(st.lists(st.sampled_from("abc"), max_size=30), st.integers(1, 20), st.integers(1, 5))
def test_cells_to_test_by_are_drawn_within_both_bounds(
    patients: list[str], budget: int, most: int
) -> None:
    drawn = draw(patients, budget, most)
    assert len(set(drawn)) == len(drawn)
    counts = Counter(patients[index] for index in drawn)
    assert all(count <= most for count in counts.values())
    able = sum(min(count, most) for count in Counter(patients).values())
    assert len(drawn) == min(budget, able)


def test_alike_cells_and_none() -> None:
    same = np.ones((3, 2))
    assert choose(same, np.ones(3), np.zeros(3), ["a", "b", "c"], NONE[:3], 2, 1) == [0, 1]
    assert choose(same[:0], np.ones(0), np.zeros(0), [], [], 5, 1) == []
