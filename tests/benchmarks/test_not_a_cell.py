import numpy as np
import pytest
from PIL import Image

from benchmarks.no_cells import ALONE, OF_CELLS
from benchmarks.not_a_cell import Refused
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


def test_what_is_refused_in_one_way_is_refused_in_all() -> None:
    ways = np.eye(3, 4, dtype=bool)  # an image for each way, and one that nothing refuses
    found = Refused(*ways)
    assert found.shares() == [0.25, 0.5, 0.5, 0.75]
    assert found.shares(np.array([False, True, False, True])) == [0, 0.5, 0, 0.5]
