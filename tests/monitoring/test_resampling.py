from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smearflow.monitoring.drift import IMAGE_STATISTICS, measures_of
from smearflow.monitoring.limits import WASSERSTEIN, Measure
from smearflow.monitoring.resampling import (
    LEAST_CELLS,
    calibrate_all,
    least_cells,
    usual_cells,
    window_groups,
)
from tests.monitoring.colour_model import table_of

MEASURES = measures_of(["blue_mean", "sharpness"])
SIZES = st.lists(st.integers(1, 45), min_size=3, max_size=12)


def _patients(sizes: Sequence[int]) -> pd.Series:
    names = [f"lab/{number:02}" for number in range(len(sizes))]
    return pd.Series(np.repeat(names, sizes))


def _reference(sizes: Sequence[int], seed: int = 1) -> pd.DataFrame:
    """Cells of patients with these numbers of them, each patient a little different."""
    rng = np.random.default_rng(seed)
    parts = [table_of(rng, size, shift) for size, shift in zip(sizes, _shifts(sizes), strict=True)]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(patient=_patients(sizes))


def _shifts(sizes: Sequence[int]) -> list[float]:
    return np.random.default_rng(9).normal(0, 0.5, len(sizes)).tolist()


@pytest.mark.parametrize(("patients", "windows"), [(5, [1]), (11, [1, 2]), (12, [1, 2, 4])])
def test_windows_are_of_a_third_of_the_patients_at_most(patients: int, windows: list[int]) -> None:
    rng = np.random.default_rng(1)
    cells = pd.DataFrame({"patient": np.arange(patients).repeat(4), "sharpness": 0.0})
    cells["sharpness"] = rng.normal(size=len(cells))
    measures = [Measure(IMAGE_STATISTICS, "sharpness", WASSERSTEIN)]
    limits = calibrate_all(cells, measures, 40, 0.05, 1)
    assert list(limits) == windows
    assert [each.patients for each in limits.values()] == windows


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ([40, 40, 40], [0, 1, 2]),
        ([8, 8, 8], [0, 1, 2]),  # as many as all others have
        ([40, 1, 40, 40], [0, -1, 1, 2]),
        ([40, 12, 40, 9, 1, 40], [0, 3, 1, 3, -1, 2]),
        ([1, 1, 300], [-1, -1, 0]),
        ([1, 1, 1], [0, 1, 2]),
    ],
)
def test_patients_with_few_cells_are_windows_together_or_none(
    sizes: list[int], groups: list[int]
) -> None:
    patients = _patients(sizes)
    found = pd.Series(window_groups(patients)).groupby(patients).unique()
    assert [numbers.tolist() for numbers in found] == [[group] for group in groups]


@given(sizes=SIZES)
def test_every_window_has_enough_cells_and_what_is_left_has_not(sizes: list[int]) -> None:
    patients = _patients(sizes)
    groups, least = window_groups(patients), least_cells(patients)
    assert 1 <= least <= min(LEAST_CELLS, usual_cells(patients))
    counts = np.bincount(groups + 1)
    assert counts[0] < least
    assert (counts[1:] >= least).all()
    assert len(counts) - 1 >= sum(size >= least for size in sizes) >= 1


@settings(max_examples=8, deadline=None)
@given(sizes=SIZES)
def test_patients_of_any_size_have_limits_or_it_is_known_that_they_have_none(
    sizes: list[int],
) -> None:
    limits = calibrate_all(_reference(sizes), MEASURES, 10, 0.05, 1)
    groups = window_groups(_patients(sizes)).max() + 1
    for each in limits.values():
        values = np.array(list(each.values.values()))
        assert (each.resamples == 0) == (groups < 3)
        assert np.isnan(values).all() if groups < 3 else (values[:4] > 0).all()


@pytest.mark.parametrize("more", [[1], [1, 1, 1, 12]])
def test_few_cells_of_further_patients_hardly_move_the_limits(more: list[int]) -> None:
    usual = _reference([40] * 12)
    odd = _reference(more, seed=3)
    odd[["blue_mean", "sharpness", "e0", "e1", "e2", "e3"]] += 4
    further = pd.concat([usual, odd.assign(patient="lab/~" + odd["patient"])], ignore_index=True)
    before, after = (calibrate_all(cells, MEASURES, 20, 0.05, 1) for cells in (usual, further))
    for patients in (1, 2, 4):
        for name, limit in before[patients].values.items():
            assert after[patients].values[name] == pytest.approx(limit, rel=0.25, abs=0.02), name


def test_one_patient_with_nearly_all_cells_sets_no_limits() -> None:
    limits = calibrate_all(_reference([100, 1, 1, 1]), MEASURES, 20, 0.05, 1)
    assert list(limits) == [1]
    assert limits[1].resamples == 0
    assert np.isnan(list(limits[1].values.values())).all()


def test_single_cells_set_limits_for_all_that_a_cell_tells() -> None:
    limits = calibrate_all(_reference([1] * 24), MEASURES, 20, 0.05, 1)
    assert list(limits) == [1, 2, 4]
    untold = [name for name, value in limits[1].values.items() if np.isnan(value)]
    assert untold == ["embedding"]
    # more cells, less chance: but for the shares of two labels, of which one cell has one
    several = [limits[patients].values for patients in (1, 2, 4)]
    for name in ("blue_mean", "sharpness", "embedding"):
        told = [values[name] for values in several if not np.isnan(values[name])]
        assert told == sorted(told, reverse=True), name
    assert np.isfinite(several[1]["embedding"])
