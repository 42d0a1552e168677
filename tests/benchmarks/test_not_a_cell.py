import numpy as np
import pytest
from PIL import Image

from benchmarks.no_cells import ALONE, OF_CELLS
from benchmarks.not_a_cell import ways_of_judging
from smearflow.sample import render_cell

CELLS = [Image.fromarray(render_cell(1, 1, number, False).pixels) for number in range(6)]


@pytest.mark.parametrize("name", [*ALONE, *OF_CELLS])
def test_no_cells_are_images_of_the_size_of_crops_and_always_the_same(name: str) -> None:
    def made() -> list[Image.Image]:
        rng = np.random.default_rng(1)
        if name in ALONE:
            return [ALONE[name](rng) for _ in range(20)]
        return [OF_CELLS[name](rng, CELLS) for _ in range(20)]

    first, again = made(), made()
    assert all(image.mode == "RGB" and min(image.size) >= 30 for image in first)
    assert len({image.tobytes() for image in first}) == 20
    assert [image.tobytes() for image in first] == [image.tobytes() for image in again]


def test_every_distance_tells_what_is_far_from_both_classes() -> None:
    rng = np.random.default_rng(1)
    targets = np.repeat([0, 1], 200).astype(np.int8)
    known = (rng.normal(3, 1, (400, 12)) + 2 * targets[:, None]).astype(np.float32)
    far = known[:5] * np.array([4, -4] * 6, np.float32)
    for distances in ways_of_judging(known, targets).values():
        assert distances(far).min() > np.quantile(distances(known), 0.99)
