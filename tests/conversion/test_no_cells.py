import numpy as np
import pytest

from smearflow.conversion.no_cells import KINDS, no_cells, several
from smearflow.images.statistics import BLACK

SIDE = 48
DOWN, RIGHT = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
DISC = (DOWN**2 + RIGHT**2 < 0.9)[..., np.newaxis]
CELLS = np.stack([np.where(DISC, level, 0) for level in range(60, 240, 15)]).astype(np.uint8)
CELLS = np.broadcast_to(CELLS, (*CELLS.shape[:3], 3))
PATIENTS = ["C1", "C2"] * 6


def test_every_kind_is_of_the_size_of_cells_and_none_is_one() -> None:
    made = no_cells(CELLS, PATIENTS, 3 * len(KINDS), seed=1)
    assert made.shape == (3 * len(KINDS), SIDE, SIDE, 3)
    assert made.dtype == np.uint8
    assert len(np.unique(made.reshape(len(made), -1), axis=0)) == len(made)
    for image in made:
        assert not any(np.array_equal(image, cell) for cell in CELLS)


def test_the_same_seed_makes_the_same() -> None:
    first, again, other = (no_cells(CELLS, PATIENTS, 8, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("seed", range(8))
def test_several_cells_are_of_one_patient_and_fill_the_image(seed: int) -> None:
    image = several(np.random.default_rng(seed), CELLS[:6])
    shown = image.max(axis=2) >= BLACK
    assert shown.any(axis=0).all()
    assert shown.any(axis=1).all()
    assert len(set(np.unique(image)) & set(np.unique(CELLS[:6])) - {0}) >= 2
