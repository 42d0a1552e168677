from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smearflow.errors import SmearflowError
from smearflow.monitoring.baseline import (
    COMPONENTS,
    Baseline,
    Projection,
    expected_performance,
    load_baseline,
    save_baseline,
)
from smearflow.monitoring.drift import STATISTICS, WASSERSTEIN
from smearflow.monitoring.limits import Measure
from smearflow.monitoring.resampling import calibrate_all
from tests.material import write_cells
from tests.monitoring.colour_model import toy_baseline
from tests.stages.project import tree


@pytest.fixture(scope="module")
def baseline(cells: Path) -> Baseline:
    return toy_baseline(cells)


def test_components_are_uncorrelated_of_unit_variance_and_one_sign() -> None:
    rng = np.random.default_rng(1)
    embeddings = rng.normal(3, 1, (500, 40)) @ rng.normal(size=(40, 40))
    projection = Projection.fit(embeddings)
    values = projection.apply(embeddings)
    assert np.cov(values, rowvar=False) == pytest.approx(np.eye(COMPONENTS), abs=1e-9)
    assert values.mean(axis=0) == pytest.approx(np.zeros(COMPONENTS), abs=1e-9)
    largest = np.abs(projection.components).argmax(axis=1)
    assert (projection.components[np.arange(COMPONENTS), largest] > 0).all()


def test_directions_without_variance_are_no_components() -> None:
    rng = np.random.default_rng(1)
    embeddings = rng.normal(size=(100, 3)) @ rng.normal(size=(3, 8))
    values = Projection.fit(embeddings).apply(embeddings)
    assert values.shape == (100, 3)


@pytest.mark.parametrize(("patients", "windows"), [(5, [1]), (11, [1, 2]), (12, [1, 2, 4])])
def test_windows_are_of_a_third_of_the_patients_at_most(patients: int, windows: list[int]) -> None:
    rng = np.random.default_rng(1)
    cells = pd.DataFrame({"patient": np.arange(patients).repeat(4), "sharpness": 0.0})
    cells["sharpness"] = rng.normal(size=len(cells))
    measures = [Measure(STATISTICS, "sharpness", WASSERSTEIN)]
    limits = calibrate_all(cells, measures, 40, 0.05, 1)
    assert list(limits) == windows
    assert [each.patients for each in limits.values()] == windows


def test_every_measure_has_a_limit(baseline: Baseline) -> None:
    names = [measure.name for measure in baseline.measures]
    assert all(list(limits.values) == names for limits in baseline.limits.values())
    assert min(min(limits.values.values()) for limits in baseline.limits.values()) > 0


def test_a_baseline_is_the_same_bytes_every_time_and_reads_back(
    cells: Path, baseline: Baseline, tmp_path: Path
) -> None:
    for name, each in (("first", baseline), ("second", toy_baseline(cells))):
        (tmp_path / name).mkdir()
        save_baseline(each, tmp_path / name)
    assert tree(tmp_path / "first") == tree(tmp_path / "second")
    again = load_baseline(tmp_path / "first")
    pd.testing.assert_frame_equal(again.reference, baseline.reference)
    assert again.limits == baseline.limits
    assert np.array_equal(again.projection.components, baseline.projection.components)
    for field in ("statistics", "classes", "threshold", "model_sha256", "expected"):
        assert getattr(again, field) == getattr(baseline, field)


def test_a_folder_without_a_baseline(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="holds no baseline"):
        load_baseline(tmp_path)


def test_two_patients_set_no_limits(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="2 patients; limits need 3"):
        toy_baseline(write_cells(tmp_path, patients=2))


def test_performance_to_expect() -> None:
    predictions = pd.DataFrame(
        {
            "patient": ["a", "a", "a", "b"],
            "target": [1, 0, 0, 1],
            "edge_probability": [0.3, 0.2, 0.9, 0.1],
        }
    )
    assert expected_performance(predictions, threshold=0.3) == {
        "cells": 4,
        "patients": 2,
        "accuracy": {
            "value": 0.5,
            "patient_mean": pytest.approx(1 / 3),
            "patient_standard_deviation": pytest.approx(1 / 3),
            "patient_lowest": 0.0,
            "patient_highest": pytest.approx(2 / 3),
        },
        "positive_share": {
            "value": 0.5,
            "patient_mean": pytest.approx(1 / 3),
            "patient_standard_deviation": pytest.approx(1 / 3),
            "patient_lowest": 0.0,
            "patient_highest": pytest.approx(2 / 3),
        },
    }
