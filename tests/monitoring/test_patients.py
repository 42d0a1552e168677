import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from smearflow.monitoring.patients import (
    DOUBT,
    LEAST_CELLS,
    MOST_CELLS,
    UsualPatients,
    patient_means,
    upper_limit,
    usual_patients,
)
from tests.monitoring.colour_model import table_of

STATISTICS = ("blue_mean", "sharpness")


def cells_of(
    rng: np.random.Generator, patients: int, *, shift: float = 0.0, right: float = 0.95
) -> pd.DataFrame:
    """30 cells of each patient, whose own cells are alike."""
    parts = [
        table_of(rng, 30, shift + rng.normal(0, 0.3)).assign(
            patient=f"C{number:03}", right=rng.random(30) < right
        )
        for number in range(patients)
    ]
    return pd.concat(parts, ignore_index=True)


def usual_of(rng: np.random.Generator, patients: int = 30) -> UsualPatients:
    return usual_patients(cells_of(rng, patients), STATISTICS)


def means_of(cells: pd.DataFrame) -> pd.DataFrame:
    return patient_means(cells, cells["patient"], STATISTICS)


def test_a_patient_is_told_by_means_and_by_doubt_if_there_are_cells_enough() -> None:
    cells = cells_of(np.random.default_rng(1), 2)
    few = cells.drop(cells.index[: 31 - LEAST_CELLS])
    means = means_of(few)
    assert list(means.index) == ["C001"]
    own = cells[cells["patient"] == "C001"]
    assert means.loc["C001", "sharpness"] == pytest.approx(own["sharpness"].mean())
    doubt = np.minimum(own["probability"], 1 - own["probability"]).mean()
    assert means.loc["C001", DOUBT] == pytest.approx(doubt)


def test_which_cells_tell_a_patient_does_not_depend_on_the_other_patients() -> None:
    rng = np.random.default_rng(1)
    own = table_of(rng, 2 * MOST_CELLS, 0).assign(patient="C001")
    together = means_of(pd.concat([cells_of(rng, 1), own], ignore_index=True))
    pd.testing.assert_frame_equal(together.loc[["C001"]], means_of(own), check_exact=True)


def test_usual_patients_are_flagged_at_the_rate_and_strange_ones_named() -> None:
    rng = np.random.default_rng(1)
    flagged, found = [], []
    for _ in range(20):
        usual = usual_of(rng)
        flagged += list(usual.flagged(means_of(cells_of(rng, 10))))
        found += list(usual.flagged(means_of(cells_of(rng, 2, shift=2.0))))
    assert np.mean(flagged) <= 0.05
    assert np.mean(found) == 1


@pytest.mark.parametrize("known", [6, 13])
def test_however_few_are_known_hardly_any_baseline_names_more_than_the_rate(known: int) -> None:
    rates = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        usual = usual_of(rng, known)
        rates.append(usual.flagged(means_of(cells_of(rng, 100))).mean())
    assert np.mean(np.array(rates) <= 0.05) >= 0.95


@pytest.mark.parametrize("known", [5, 12, 60])
def test_a_limit_holds_however_few_are_known(known: int) -> None:
    rng = np.random.default_rng(known)
    limits = np.array([upper_limit(rng.normal(size=known), 0.05, 0.95) for _ in range(2000)])
    above = norm.sf(limits)  # share of further values above each limit
    assert np.mean(above <= 0.05) == pytest.approx(0.95, abs=0.02)


def test_patients_whom_the_model_judges_badly_do_not_say_what_is_usual() -> None:
    rng = np.random.default_rng(1)
    well, badly = cells_of(rng, 19), cells_of(rng, 4, shift=3.0, right=0.5)
    badly["patient"] = "B" + badly["patient"]
    usual = usual_patients(pd.concat([badly, well], ignore_index=True), STATISTICS)
    assert usual.judged_well.tolist() == [False] * 4 + [True] * 19
    means = means_of(cells_of(rng, 1, shift=3.0))
    assert usual.p_values(means) == pytest.approx([1 / 20])
    assert usual.valid(means).tolist() == [True]  # of such cells the accuracy is known
    assert usual.valid(means_of(cells_of(rng, 1, shift=9.0))).tolist() == [False]


def test_few_patients_estimate_nothing_and_too_few_tell_nothing() -> None:
    rng = np.random.default_rng(1)
    assert usual_of(rng, 7).estimator is None
    assert usual_of(rng, 8).estimator is not None
    assert not usual_of(rng, 4).enough


def test_cells_that_are_all_the_same_to_the_model_have_no_embedding_to_be_strange_by() -> None:
    cells = cells_of(np.random.default_rng(1), 8).drop(columns=["e0", "e1", "e2", "e3"])
    usual = usual_patients(cells, STATISTICS)
    assert "embeddings" not in usual.kinds
    assert usual.valid(usual.means).all()
    assert np.isfinite(usual.own_scores.to_numpy()).all()
