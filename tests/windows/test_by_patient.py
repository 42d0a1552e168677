from dataclasses import replace
from pathlib import Path

import pytest

from smearflow.monitoring.baseline import Baseline
from smearflow.records.verdict import JudgedPatients
from smearflow.windows.by_patient import NOBODY, judge_patients
from smearflow.windows.describe import Described
from smearflow.windows.patients import patients_of
from smearflow.windows.read import read_window
from tests.material import write_cells
from tests.monitoring.colour_model import ColourModel, toy_baseline

NUMBERED = r"(?P<patient>no such name)"


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    folder = tmp_path_factory.mktemp("cells")
    return toy_baseline(write_cells(folder, patients=8, per_class=10, seed=1), resamples=10)


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("window")
    return write_cells(folder, patients=2, per_class=10, seed=2, first_patient=101)


def judged(folder: Path, baseline: Baseline, pattern: str | None = None) -> JudgedPatients:
    model = ColourModel(folder)
    read = read_window(folder, model.image_size, patterns=(pattern,))
    scored = baseline.describe(read.decodable, *model.predict(read.pixels))
    patients, names = patients_of(read.decodable, baseline)
    found = judge_patients(Described(read, None, scored, patients, names), baseline)
    assert found is not None
    return found


def test_each_patient_of_a_window_is_judged_by_name(window: Path, baseline: Baseline) -> None:
    found = judged(window, baseline)
    assert sorted(each.patient for each in found.patients) == ["C101", "C102"]
    assert found.usual == 8
    assert (found.rate, found.confidence) == (0.05, 0.95)
    assert {len(scores) for scores in found.usual_scores.values()} == {8}
    for each in found.patients:
        assert each.cells == 20
        assert set(each.scores) == set(found.usual_scores)
        assert abs(each.evidence[0].deviations) >= abs(each.evidence[-1].deviations)
    assert JudgedPatients.model_validate_json(found.model_dump_json()) == found


def test_cells_whose_names_tell_nobody_are_one_patient(window: Path, baseline: Baseline) -> None:
    (patient,) = judged(window, baseline, NUMBERED).patients
    assert (patient.patient, patient.cells) == (NOBODY, 40)


def test_a_baseline_of_an_earlier_version_judges_no_patients(baseline: Baseline) -> None:
    earlier = replace(baseline, reference=baseline.reference.drop(columns="right"))
    assert earlier.usual is None
