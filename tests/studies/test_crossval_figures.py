from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from smearflow.params.crossval import Crossval
from smearflow.params.evaluate import Evaluate
from smearflow.params.model import Configuration
from smearflow.report.crossval import crossval_text
from smearflow.report.units import unit_of
from smearflow.studies.crossval_figures import crossval_figures, mean_over_seeds

SETTINGS = Crossval(folds=2, seed=1, seeds=(1, 2), configuration=Configuration())
BOOTSTRAP = Evaluate(bootstrap_samples=100, seed=1, despite_missed_targets=False)


def predictions(wrong: int) -> pd.DataFrame:
    """Two folds of five patients each, ten cells of each class; so many false positives of p0."""
    patients = np.repeat(np.arange(10), 20)
    targets = np.tile(np.repeat([0, 1], 10), 10)
    targets[patients < 2] = 0
    probabilities = np.where(targets == 1, 0.97, 0.03)
    probabilities[:wrong] = 0.99
    return pd.DataFrame(
        {
            "fold": 1 + patients // 5,
            "cell_id": [f"c{at}" for at in range(200)],
            "patient": [f"lab/p{patient}" for patient in patients],
            "target": targets,
            "probability": probabilities,
        }
    )


def figures(*wrong: int) -> Any:
    by_seed = {seed: predictions(each) for seed, each in enumerate(wrong, start=1)}
    return crossval_figures(by_seed, SETTINGS, BOOTSTRAP)


def test_figures_of_one_seed() -> None:
    found = figures(6)
    (seed,) = found.seeds
    assert [(fold.fold, fold.cells, fold.patients) for fold in seed.folds] == [
        (1, 100, 5),
        (2, 100, 5),
    ]
    assert [fold.accuracy for fold in seed.folds] == pytest.approx([0.94, 1])
    assert seed.pooled["accuracy"].value == pytest.approx(0.97)
    assert (seed.by_patient.worst.patient, seed.by_patient.worst.accuracy) == ("lab/p0", 0.7)
    assert seed.by_patient.false_positives is not None
    assert seed.by_patient.false_positives.worst == pytest.approx(300)
    assert found.spread["accuracy"].std is None
    assert (found.labels.cells, found.labels.likely_wrong) == (200, 6)


def test_in_company_a_patient_without_positive_cells_has_fewer_false_ones() -> None:
    (seed,) = figures(2).seeds
    company = seed.in_company
    assert company.by_patient.false_positives is not None
    assert seed.by_patient.false_positives is not None
    assert company.by_patient.false_positives.worst <= seed.by_patient.false_positives.worst
    assert company.usual_share == pytest.approx(predictions(2)["target"].mean())
    assert (company.pooled["accuracy"].value or 0) >= (seed.pooled["accuracy"].value or 0)


def test_several_seeds_have_a_mean_and_a_spread() -> None:
    found = figures(6, 2)
    assert found.spread["accuracy"].mean == pytest.approx(0.98)
    assert found.spread["accuracy"].std == pytest.approx(0.02 / 2**0.5)
    assert found.spread["worst_tenth"].mean == pytest.approx(0.8)
    together = mean_over_seeds({1: predictions(6), 2: predictions(2)})
    assert together["probability"][[0, 5, 6]].tolist() == pytest.approx([0.99, 0.51, 0.03])
    assert found.labels.likely_wrong == 2


def test_the_text_has_the_figures() -> None:
    text = crossval_text(figures(6))
    for told in ("0.9400", "0.970 (", "0.700", "lab/p0", "worst 300", "6 of 200", "1 of 10"):
        assert told in text
    assert "leak" not in text
    several = crossval_text(figures(6, 2), unit_of(["file"]))
    assert "0.980 ± 0.014" in several
    assert "patient" not in several
    assert "mean over files" in several


@pytest.mark.parametrize("seeds", [(), (1, 2, 1), (0,)])
def test_seeds_are_different_ones(seeds: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError):
        Crossval(folds=2, seed=1, seeds=seeds, configuration=Configuration())


def test_too_good_a_figure_is_a_reason_to_look_for_a_leak() -> None:
    assert "leak" in crossval_text(figures(2))
