from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.assessment.patients import patient_figures
from smearflow.records.patients import Below


def cells(patients: dict[str, tuple[int, int, int, int]]) -> tuple[Any, Any, Any]:
    """Targets, probabilities and patients: by name (tn, fp, fn, tp)."""
    kinds = [(0, 0.1), (0, 0.9), (1, 0.1), (1, 0.9)]
    rows = [
        (target, probability, name)
        for name, counts in patients.items()
        for (target, probability), count in zip(kinds, counts, strict=True)
        for _ in range(count)
    ]
    return tuple(map(np.array, zip(*rows, strict=True)))  # type: ignore[return-value]


def test_every_patient_counts_the_same() -> None:
    found = patient_figures(
        *cells({"a": (50, 0, 0, 50), "b": (1, 0, 1, 0), "c": (9, 1, 0, 0), "d": (4, 1, 0, 0)}), 0.5
    )
    assert found.patients == 4
    assert found.mean == pytest.approx((1 + 0.5 + 0.9 + 0.8) / 4)
    assert found.worst_tenth == pytest.approx(0.5)
    assert (found.worst.patient, found.worst.cells, found.worst.accuracy) == ("b", 2, 0.5)
    assert found.below == (
        Below(limit=0.85, patients=("b", "d")),
        Below(limit=0.80, patients=("b",)),  # at the limit is not below it
    )
    clear = found.false_positives
    assert clear is not None
    assert (clear.patients, clear.worst_patient) == (2, "d")
    assert (clear.median, clear.mean, clear.worst) == pytest.approx((150, 150, 200))


def test_the_worst_tenth_is_of_so_many_patients() -> None:
    some = {f"p{at:02}": (at, 20 - at, 0, 0) for at in range(20)}
    found = patient_figures(*cells(some), 0.5)
    assert found.worst_tenth == pytest.approx((0 + 1 / 20) / 2)


def test_without_a_clear_patient_there_are_no_false_positives_to_tell() -> None:
    assert patient_figures(*cells({"a": (5, 5, 1, 0)}), 0.5).false_positives is None


def test_no_cells_are_an_error() -> None:
    with pytest.raises(ValueError, match="no cells"):
        patient_figures([], [], [], 0.5)


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 4).filter(any), min_size=1, max_size=25))
def test_figures_are_in_order(counts: list[tuple[int, int, int, int]]) -> None:
    found = patient_figures(*cells({f"p{at}": each for at, each in enumerate(counts)}), 0.5)
    assert 0 <= found.worst.accuracy <= found.worst_tenth + 1e-9 <= found.mean + 2e-9 <= 1 + 3e-9
    assert found.patients == len(counts)
    assert set(found.below[1].patients) <= set(found.below[0].patients)
    if found.false_positives is not None:
        assert found.false_positives.mean <= found.false_positives.worst + 1e-9
