from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sklearn.neural_network import MLPClassifier

from smearflow.conversion.no_cells import no_cells
from smearflow.conversion.novelty import examples_of, limit_of, usual_embeddings
from smearflow.edge.looks import looks_of
from smearflow.images.decode import resize
from smearflow.sample import render_cell

RNG = np.random.default_rng(1)


def cells(count: int = 3000, width: int = 20) -> npt.NDArray[np.float32]:
    """Embeddings with a deviation of their own in each direction, the last ones alike."""
    deviations = np.r_[np.linspace(8, 2, width // 2), np.full(width - width // 2, 0.5)]
    return (RNG.normal(5, deviations, (count, width))).astype(np.float32)


def test_as_many_axes_as_matter_give_the_distance_of_the_whole_covariance() -> None:
    known, asked = cells(), cells(200)
    away = asked - known.mean(axis=0)
    inverse = np.linalg.inv(np.cov(known.T, bias=True))
    whole = np.sqrt(np.einsum("nd,de,ne->n", away, inverse, away))
    assert usual_embeddings(known, axes=10).distances(asked) == pytest.approx(whole, rel=0.05)


def test_what_is_far_in_no_direction_of_cells_is_far() -> None:
    known = cells()
    usual = usual_embeddings(known, axes=10)
    along, across = np.zeros((2, 20), np.float32)
    along[0], across[-1] = 8, 8  # one deviation, 16 deviations
    near, far = usual.distances(known.mean(axis=0) + np.stack([along, across]))
    assert near == pytest.approx(1, rel=0.1)
    assert far == pytest.approx(16, rel=0.1)


@pytest.mark.parametrize("known", [cells(3), cells(40, width=2), np.ones((50, 8), np.float32)])
def test_few_short_or_equal_embeddings_are_told_from_others(known: npt.NDArray[np.float32]) -> None:
    usual = usual_embeddings(known)
    assert np.isfinite(usual.distances(known)).all()
    assert usual.distances(known[:1] + 1000)[0] > usual.distances(known).max()


def test_the_limit_is_wider_where_patients_differ() -> None:
    patients = np.repeat([f"C{number}" for number in range(10)], 300)
    alike = RNG.normal(20, 1, len(patients))
    apart = alike + np.repeat(RNG.normal(0, 2, 10), 300)
    share = {
        name: (each > limit_of(each, patients, 0.01)).mean()
        for name, each in (("alike", alike), ("apart", apart))
    }
    assert 0.005 < share["alike"] < 0.01
    assert share["apart"] < 0.005


@given(count=st.integers(1, 5))
def test_few_cells_of_one_patient_set_a_limit_that_holds_them(count: int) -> None:
    distances = np.arange(count, dtype=float)
    limit = limit_of(distances, np.full(count, "C1"), 0.01)
    assert limit == pytest.approx(np.quantile(distances, 0.99), abs=1e-3)


@pytest.fixture(scope="module")
def images() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Rendered cells [n, 32, 32, 3], and as many images of no cell."""
    drawn = [render_cell(1, n % 8, n // 8, n % 2 == 0).pixels for n in range(240)]
    cells = np.stack([resize(Image.fromarray(each), 32) for each in drawn])
    return cells, no_cells(cells, [str(n % 8) for n in range(240)], 240, seed=1)


def test_examples_tell_what_is_no_cell(images: tuple[npt.NDArray[np.uint8], ...]) -> None:
    cells, others = images
    examples = examples_of(looks_of(cells[:160]), looks_of(others[:160]))
    assert (examples.log_odds(cells[160:]) < 0).mean() > 0.9
    assert (examples.log_odds(others[160:]) > 0).mean() > 0.7


def test_the_network_of_a_file_is_that_of_scikit_learn(
    images: tuple[npt.NDArray[np.uint8], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    taught: list[MLPClassifier] = []
    fit = MLPClassifier.fit

    def noted(self: MLPClassifier, *arguments: Any) -> MLPClassifier:
        taught.append(self)
        return fit(self, *arguments)

    monkeypatch.setattr(MLPClassifier, "fit", noted)
    cells, others = map(looks_of, images)
    examples = examples_of(cells, others)
    every = np.concatenate([cells, others]).astype(np.float64)
    scaled = (every - every.mean(axis=0)) / (every.std(axis=0) + 1e-9)
    chance = taught[0].predict_proba(scaled[:240])[:, 1]
    assert 1 / (1 + np.exp(-examples.log_odds(images[0]))) == pytest.approx(chance, abs=1e-3)
