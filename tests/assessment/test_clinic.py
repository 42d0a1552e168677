import numpy as np
import pandas as pd
import pytest

from smearflow.assessment.breakdown import per_patient
from smearflow.assessment.clinic import (
    CELLS,
    detection_limits,
    over_patients,
    with_parasitaemia,
)
from smearflow.assessment.patients import false_positives
from tests.records.examples import OPERATING


def _table(wrong: list[int], positives: list[int]) -> pd.DataFrame:
    """Patients of 100 cells each, so many of which are called wrongly; negative ones first."""
    targets, scores, names = [], [], []
    for number, (errors, infected) in enumerate(zip(wrong, positives, strict=True)):
        target = np.arange(100) >= 100 - infected
        targets.append(target)
        scores.append(np.where(np.arange(100) < errors, ~target, target))
        names += [f"p{number:02}"] * 100
    return per_patient(
        np.concatenate(targets).astype(np.int8),
        np.concatenate(scores).astype(np.float32),
        names,
        0.5,
    )


def test_each_patient_counts_alike_and_the_worst_tenth_alone() -> None:
    wrong = [60, 20, *[5] * 18]
    found = over_patients(_table(wrong, [50] * 20), samples=400, seed=1)
    assert found.accuracy.value == pytest.approx(1 - np.mean(wrong) / 100)
    assert found.worst_tenth.value == pytest.approx(0.6)  # of 0.4 and 0.8
    assert found.worst_tenth.low == pytest.approx(0.4)  # the worst drawn twice
    assert found.worst_tenth.high == pytest.approx(0.95)  # neither drawn
    assert found.accuracy.low is not None
    assert found.accuracy.low < 0.915 < (found.accuracy.high or 0)


def test_false_positives_are_those_of_patients_without_parasites() -> None:
    found = false_positives(_table([50, 1, 2, 30], [40, 0, 0, 0]))
    assert found is not None
    assert (found.patients, found.median, found.worst) == (3, 20, 300)
    assert found.mean == pytest.approx(110)
    assert found.worst_patient == "p03"
    assert false_positives(_table([3], [10])) is None


def test_what_a_clinic_asks_of_each_patient() -> None:
    table = with_parasitaemia(_table([0, 0], [0, 60]), OPERATING, least=0.02)
    assert table["verdict"].tolist() == ["cannot tell", "positive"]
    assert (table["parasitaemia_low"] <= table["parasitaemia"]).all()
    assert table["parasitaemia"].tolist() == pytest.approx([0.0, 0.6], abs=0.1)


def test_a_limit_of_detection_for_each_number_of_cells() -> None:
    limits = detection_limits(OPERATING)
    assert tuple(each.cells for each in limits) == CELLS
    found = [each.parasitaemia or 1.0 for each in limits]
    assert sorted(found, reverse=True) == found
