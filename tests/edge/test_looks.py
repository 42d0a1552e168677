import numpy as np
import pytest

from smearflow.edge.looks import BLOCKS, looks_of

BLACK, GREY = np.zeros((24, 24, 3), np.uint8), np.full((24, 24, 3), 100, np.uint8)


def test_looks_of_plain_images() -> None:
    black, grey = looks_of(np.stack([BLACK, GREY]))
    coarse, shown, rest = 3 * BLOCKS**2, BLOCKS**2, 7
    assert len(black) == len(grey) == coarse + shown + rest
    assert black[: coarse + shown] == pytest.approx(0)
    assert grey[:coarse] == pytest.approx(100 / 255)
    assert grey[coarse : coarse + shown] == pytest.approx(1)
    assert grey[-7:-4] == pytest.approx(-np.log10(101 / 256), abs=1e-6)
    assert grey[-4:] == pytest.approx(0, abs=1e-6)


def test_no_images_have_no_looks() -> None:
    assert looks_of(np.empty((0, 24, 24, 3), np.uint8)).shape == (0, 4 * BLOCKS**2 + 7)
