import numpy as np
import pytest

from smearflow.understanding.reach import half_width


def test_fewer_than_two_tell_nothing() -> None:
    assert half_width(0) is half_width(1) is None


def test_more_patients_tell_more() -> None:
    assert half_width(16, 0.04) == pytest.approx(2.1314 * 0.04 / 4, abs=1e-5)  # t of 15 degrees
    widths = [half_width(count) or 0 for count in range(2, 60)]
    assert widths == sorted(widths, reverse=True)


def test_so_many_intervals_hold_the_mean() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(2000):
        drawn = rng.normal(0.9, 0.05, 8)
        width = half_width(8, float(drawn.std(ddof=1)))
        held += width is not None and abs(drawn.mean() - 0.9) <= width
    assert held / 2000 == pytest.approx(0.95, abs=0.015)
