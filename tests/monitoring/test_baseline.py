import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.monitoring.baseline import Baseline, expected_performance
from smearflow.monitoring.drift import drift_scores
from smearflow.monitoring.limits import undefined_limits
from smearflow.monitoring.projection import COMPONENTS, Projection
from smearflow.monitoring.stored import load_baseline, save_baseline
from smearflow.records.baseline import BaselineNotes
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


def test_the_limit_of_each_measure_is_beyond_its_patients_and_not_beyond_a_shift(
    baseline: Baseline,
) -> None:
    (site,) = baseline.sites
    for own_limits, limited in (
        (site.limits, baseline.of_images),
        (baseline.limits, baseline.of_model),
    ):
        names = [measure.name for measure in limited]
        assert all(list(each.values) == names for each in own_limits.values())
    own = baseline.reference[baseline.reference["patient"] == baseline.reference["patient"].min()]
    columns = list(baseline.statistics)
    shifted = own.copy()
    shifted[columns] += 5 * baseline.reference[columns].std()
    measures = (*baseline.of_images, *baseline.of_model)
    usual, other = (drift_scores(each, baseline.reference, measures) for each in (own, shifted))
    limits = np.array([*site.limits[1].values.values(), *baseline.limits[1].values.values()])
    assert (usual <= limits).all()
    assert (other > limits)[: len(columns)].all()


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
    pd.testing.assert_frame_equal(again.sites[0].cells, baseline.sites[0].cells)
    assert again.sites[0].limits == baseline.sites[0].limits
    assert np.array_equal(again.projection.components, baseline.projection.components)
    for field in ("statistics", "classes", "threshold", "model_sha256", "expected"):
        assert getattr(again, field) == getattr(baseline, field)


def test_a_folder_without_a_baseline(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="holds no baseline"):
        load_baseline(tmp_path)


def test_two_patients_set_no_limits(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="2 patients; limits need 3"):
        toy_baseline(write_cells(tmp_path, patients=2))


def test_limits_that_cannot_be_told_are_kept_as_such(baseline: Baseline, tmp_path: Path) -> None:
    untold = undefined_limits(baseline.of_model, patients=1)
    save_baseline(replace(baseline, limits={1: untold}), tmp_path)
    again = load_baseline(tmp_path).limits[1]
    assert (again.patients, again.resamples, set(again.values)) == (1, 0, set(untold.values))
    assert np.isnan(list(again.values.values())).all()


def test_a_patient_of_one_cell_is_no_trouble(cells: Path, tmp_path: Path) -> None:
    shutil.copytree(cells, tmp_path / "cells")
    write_cells(tmp_path / "one", patients=1, per_class=1, first_patient=900, stain=0.2)
    next((tmp_path / "one/Parasitized").iterdir()).rename(tmp_path / "cells/C900_cell_1.png")
    changed, usual = (toy_baseline(each, 20) for each in (tmp_path / "cells", cells))
    assert changed.reference["patient"].nunique() == usual.reference["patient"].nunique() + 1
    for before, after in ((usual, changed), (usual.sites[0], changed.sites[0])):
        for name, limit in before.limits[1].values.items():
            assert after.limits[1].values[name] == pytest.approx(limit, rel=0.2), name


def test_a_baseline_of_an_earlier_version_has_one_site_its_validation_cells(
    baseline: Baseline, tmp_path: Path
) -> None:
    save_baseline(baseline, tmp_path)
    (tmp_path / "imaged.parquet").unlink()
    file = tmp_path / BaselineNotes.NAME
    notes = json.loads(file.read_text())
    for own, of_images in zip(notes["limits"], notes.pop("sites")[0]["limits"], strict=True):
        own["values"] |= of_images["values"]
    file.write_text(json.dumps(notes))
    again = load_baseline(tmp_path)
    assert again.limits == baseline.limits
    (site,) = again.sites
    assert site.limits == baseline.sites[0].limits
    assert len(site.cells) == len(baseline.reference)


def test_performance_to_expect() -> None:
    predictions = pd.DataFrame(
        {
            "patient": ["a", "a", "a", "b"],
            "target": [1, 0, 0, 1],
            "edge_probability": [0.3, 0.2, 0.9, 0.1],
        }
    )
    assert expected_performance(predictions, threshold=0.3).model_dump() == {
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
