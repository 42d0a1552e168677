from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from smearflow.monitoring.baseline import Baseline
from smearflow.monitoring.examples import CELLS, WINDOW
from smearflow.records.verdict import JudgedPatients
from smearflow.report.drift.patients import patient_notes
from smearflow.windows.by_patient import NOBODY, cells_to_look_at, judge_patients
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


def described(folder: Path, baseline: Baseline, pattern: str | None = None) -> Described:
    model = ColourModel(folder)
    read = read_window(folder, model.image_size, patterns=(pattern,))
    scored = baseline.describe(read.decodable, *model.predict(read.pixels))
    patients, names = patients_of(read.decodable, baseline)
    return Described(read, None, scored, patients, names)


def judged(
    folder: Path, baseline: Baseline, pattern: str | None = None, site: str | None = None
) -> JudgedPatients:
    found = judge_patients(described(folder, baseline, pattern), baseline, site)
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


def test_patients_are_compared_with_those_of_the_window_s_site(
    window: Path, baseline: Baseline
) -> None:
    """Six of the baseline's patients are of one site, two of another, too few to tell."""
    own = baseline.reference["patient"].str.removeprefix("/")
    few = own.isin(sorted(own.unique())[:2])
    names = np.where(few, "clinic/", "lab/") + own
    of_two = replace(baseline, reference=baseline.reference.assign(patient=names))
    at_lab = judged(window, of_two, site="lab")
    assert (at_lab.usual, at_lab.enough, len(at_lab.patients)) == (6, True, 2)
    assert {len(scores) for scores in at_lab.usual_scores.values()} == {6}
    alone = judged(window, replace(of_two, reference=of_two.reference[~few]))
    assert [each.scores for each in at_lab.patients] == [each.scores for each in alone.patients]
    at_clinic = judged(window, of_two, site="clinic")
    assert (at_clinic.usual, at_clinic.enough, at_clinic.patients) == (2, False, ())
    assert at_clinic.accuracy is None
    (told,) = patient_notes(at_clinic)
    assert "clinic" in told
    assert "2 patients" in told


def test_cells_of_a_window_and_of_whom_is_named_are_to_be_looked_at(
    window: Path, baseline: Baseline
) -> None:
    seen, found = described(window, baseline), judged(window, baseline)
    patients = [
        each.model_copy(update={"flagged": each.patient == "C102"}) for each in found.patients
    ]
    shown = cells_to_look_at(seen, found.model_copy(update={"patients": tuple(patients)}))
    assert [(title, len(cells)) for title, cells in shown.items()] == [
        (WINDOW, CELLS),
        ("patient C102", CELLS // 2),
    ]
    own = seen.window.pixels[seen.window.table["patient"].str.endswith("C102").to_numpy()]
    assert all((own == cell).all(axis=(1, 2, 3)).any() for cell in shown["patient C102"])
    assert list(cells_to_look_at(seen, None)) == [WINDOW]


def test_a_baseline_of_an_earlier_version_judges_no_patients(baseline: Baseline) -> None:
    earlier = replace(baseline, reference=baseline.reference.drop(columns="right"))
    assert earlier.usual is None
