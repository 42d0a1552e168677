import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smearflow.cells.files import cell_files
from smearflow.edge.repeats import Repeats
from smearflow.images.decode import decode
from smearflow.sample import render_cell

TURNS = list(Image.Transpose)


def rendered(count: int) -> list[Image.Image]:
    return [
        Image.fromarray(render_cell(4, 1 + n % 6, n // 6, bool(n % 2)).pixels) for n in range(count)
    ]


def as_jpeg(image: Image.Image) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return Image.open(stream).convert("RGB")


def scaled(image: Image.Image) -> Image.Image:
    return image.resize((int(0.9 * image.width), int(0.9 * image.height)))


def brightened(image: Image.Image) -> Image.Image:
    return Image.fromarray((np.asarray(image) * 1.08).clip(0, 255).astype(np.uint8))


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "copied": lambda image: image,
    "stored as JPEG": as_jpeg,
    "scaled": scaled,
    "brightened": brightened,
    **{turn.name: partial(Image.Image.transpose, method=turn) for turn in TURNS},
    "all of it": lambda image: as_jpeg(scaled(image.transpose(TURNS[2]))),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_there_before(change: str) -> None:
    cells, repeats = rendered(12), Repeats()
    assert [repeats.first(cell, f"{n}") for n, cell in enumerate(cells)] == [None] * 12
    again = [repeats.first(CHANGES[change](cell), f"again {n}") for n, cell in enumerate(cells)]
    assert again == [f"{n}" for n in range(12)]


def test_many_different_cells_are_new() -> None:
    repeats = Repeats()
    assert [repeats.first(cell, "") for cell in rendered(200)] == [None] * 200


def test_real_cells_are_new(real_cells: Path, other_site: Path) -> None:
    for folder in (real_cells, other_site):
        repeats = Repeats()
        files = cell_files(folder)[::5]
        found = [repeats.first(decode(file.read_bytes())[0], file.name) for file in files]
        assert set(found) == {None}
