import numpy as np
import pytest
from PIL import Image

from benchmarks.shifts import STRENGTHS, Shift, shifted
from smearflow.images.statistics import measure
from smearflow.sample import render_cell


def _cell() -> Image.Image:
    return Image.fromarray(render_cell(1, 1, 1, infected=True).pixels)


@pytest.mark.parametrize("kind", STRENGTHS)
def test_a_shift_is_farther_the_stronger_and_leaves_what_was_cut_away(kind: str) -> None:
    cell = np.asarray(_cell()).copy()
    cell[:10] = 0
    image = Image.fromarray(cell)
    changed = [np.asarray(shifted(image, Shift(kind, each), 1)) for each in STRENGTHS[kind]]
    far = [np.abs(each.astype(int) - cell).mean() for each in changed]
    assert far[0] > 0
    assert far == sorted(far)
    assert all((each[:10] == 0).all() for each in changed)


def test_the_same_noise_twice() -> None:
    first, again, other = (
        np.asarray(shifted(_cell(), Shift("noise", 15), seed)) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_what_statistics_see_of_a_shift() -> None:
    plain = measure(_cell())
    assert measure(shifted(_cell(), Shift("blur", 0.04), 1))["sharpness"] < plain["sharpness"] / 2
    stained = measure(shifted(_cell(), Shift("stain", 0.5), 1))
    assert stained["red_mean"] > 1.2 * plain["red_mean"]
    assert stained["green_mean"] < plain["green_mean"]
