import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from smearflow.assessment.prior_shift import in_company

USUAL = 0.5


def patient(share: float, cells: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Targets, and probabilities that are right where the share is USUAL."""
    rng = np.random.default_rng(seed)
    targets = (rng.random(cells) < share).astype(int)
    seen = rng.normal(2.0 * targets, 1.0)
    positive, negative = norm.pdf(seen, 2), norm.pdf(seen, 0)
    return targets, positive / (positive + negative)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.9])
def test_a_patients_share_is_found_and_errors_become_fewer(share: float) -> None:
    targets, alone = patient(share, 4000, 1)
    found = in_company(alone, ["one"] * 4000, USUAL)
    assert found.mean() == pytest.approx(share, abs=0.03)
    assert ((found >= 0.5) == targets).mean() > ((alone >= 0.5) == targets).mean()


def test_patients_are_told_apart() -> None:
    (sick, sicks), (well, wells) = patient(0.8, 1000, 2), patient(0.0, 1000, 3)
    alone = np.stack([sicks, wells], axis=1).reshape(-1)
    found = in_company(alone, ["sick", "well"] * 1000, USUAL)
    assert found[0::2] == pytest.approx(in_company(sicks, ["x"] * 1000, USUAL))
    assert found[1::2] == pytest.approx(in_company(wells, ["x"] * 1000, USUAL))
    assert (found[1::2] >= 0.5).mean() < 0.01 < (wells >= 0.5).mean()
    assert ((found[0::2] >= 0.5) == sick).mean() > 0.8
    assert not well.any()


def test_one_cell_alone_is_hardly_moved() -> None:
    found = in_company([0.1, 0.5, 0.9], ["a", "b", "c"], USUAL)
    assert found == pytest.approx([0.1, 0.5, 0.9], abs=0.04)


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=60),
    st.floats(0.02, 0.98),
)
@settings(deadline=None)
def test_they_stay_probabilities_in_the_order_of_the_patients_cells(
    alone: list[float], usual: float
) -> None:
    found = in_company(alone, ["one"] * len(alone), usual)
    assert ((found > 0) & (found < 1)).all()
    order = np.argsort(alone, kind="stable")
    assert (np.diff(found[order]) >= -1e-12).all()


def test_no_cells_are_no_probabilities() -> None:
    assert in_company([], [], USUAL).shape == (0,)
