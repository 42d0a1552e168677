from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from smearflow.cells.files import cell_files
from smearflow.edge.plausible import (
    ANY_CELL,
    SEEN,
    CellLimits,
    count_no_cells,
    relief,
    why_no_cell,
)
from smearflow.images.decode import decode
from smearflow.images.statistics import measure
from smearflow.sample import Kind, render_cell

SIDE = 130
PINK = (220, 170, 180)
RNG = np.random.default_rng(1)


def image_of(levels: npt.NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def noisy(colour: tuple[int, ...], noise: float, side: int = SIDE) -> Image.Image:
    return image_of(RNG.normal(colour, noise, (side, side, 3)))


def vignette() -> Image.Image:
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    return image_of(225 * (1 - 0.15 * (rows**2 + columns**2))[..., None] * np.ones(3))


def page() -> Image.Image:
    image = Image.new("RGB", (300, 300), "white")
    for row in range(4, 300, 14):
        ImageDraw.Draw(image).text((4, row), "patient, slide, field, cell, label", fill="black")
    return image


def speck() -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), "black")
    image.paste(PINK, (0, 0, 15, 15))
    image.paste("white", (60, 0, SIDE, SIDE))
    return image


def rendered(kind: Kind = "plain", cells: int = 24) -> list[Image.Image]:
    return [
        Image.fromarray(render_cell(3, 1 + n % 6, n // 6, bool(n % 2), kind).pixels)
        for n in range(cells)
    ]


NO_CELLS = {
    "field": (Image.new("RGB", (1600, 1200), PINK), "larger than a cell: 1600 x 1200 pixels"),
    "thumbnail": (Image.new("RGB", (8, 8), PINK), "smaller than a cell: 8 x 8 pixels"),
    "strip": (Image.new("RGB", (400, 40), PINK), "longer than a cell"),
    "black": (Image.new("RGB", (SIDE, SIDE)), "black"),
    "shutter closed": (noisy((8, 8, 8), 6), "black"),
    "white": (Image.new("RGB", (SIDE, SIDE), "white"), "empty"),
    "one colour": (Image.new("RGB", (SIDE, SIDE), PINK), "empty"),
    "one colour, noisy": (noisy(PINK, 6), "empty"),
    "empty glass": (noisy((228, 226, 225), 5), "empty"),
    "uneven light": (vignette(), "empty"),
    "a speck": (speck(), "hardly anything on it"),
    "text": (page(), "lines only"),
    "text, inverted": (image_of(255 - 0.8 * np.asarray(page())), "noise"),
    "noise": (image_of(RNG.uniform(0, 256, (SIDE, SIDE, 3))), "noise"),
}


@pytest.mark.parametrize("name", NO_CELLS)
def test_what_is_no_cell(name: str) -> None:
    image, reason = NO_CELLS[name]
    why = why_no_cell(image, ANY_CELL)
    assert why is not None
    assert why.startswith(f"{reason}")
    assert why_no_cell(image, ANY_CELL, measure(image)) == why


@pytest.mark.parametrize("kind", get_args(Kind))
def test_rendered_cells_of_every_laboratory_are_cells(kind: Kind) -> None:
    assert [why_no_cell(image, ANY_CELL) for image in rendered(kind)] == [None] * 24


CELLS = rendered(cells=12)


@given(
    cell=st.sampled_from(CELLS),
    light=st.floats(0.35, 1.0),
    blur=st.floats(0, 8),
    noise=st.floats(0, 8),
    on_glass=st.booleans(),
)
def test_lamp_focus_noise_and_ground_make_no_cell_something_else(
    cell: Image.Image, light: float, blur: float, noise: float, on_glass: bool
) -> None:
    levels = np.array(cell)
    if on_glass:
        levels[~levels.any(axis=2)] = 230
    seen = np.asarray(Image.fromarray(levels).filter(ImageFilter.GaussianBlur(blur)), np.float64)
    grains = np.random.default_rng(1).normal(0, noise, seen.shape)
    image = image_of((seen + grains) * light)
    assert why_no_cell(image, ANY_CELL) is None


def test_relief_is_what_light_does_not_explain() -> None:
    assert relief(Image.new("RGB", (50, 60), PINK)) == pytest.approx(0, abs=1e-9)
    assert relief(Image.new("RGB", (50, 60))) == 0
    half = Image.new("RGB", (80, 80), "black")
    half.paste("white", (0, 0, 40, 80))
    assert relief(half) == pytest.approx(relief(half.rotate(90)))
    darker = image_of(np.asarray(half) * 0.5)
    assert relief(darker) == pytest.approx(relief(half), rel=0.01)


def columns(**values: float) -> dict[str, npt.NDArray[np.float64]]:
    usual = {"width": 100, "height": 120, "cell_area": 0.7, "brightness": 160, "sharpness": 20}
    assert tuple(usual) == SEEN
    return {name: np.full(2000, value, float) for name, value in (usual | values).items()}


def test_limits_follow_the_training_cells() -> None:
    seen, reliefs = columns(), np.full(100, 0.5)
    seen["width"][:40], seen["height"][40:80] = 60, 200
    seen["width"][0], seen["height"][1] = 3, 4000  # one in two thousand sets no limit
    limits = CellLimits.of(seen, reliefs)
    assert (limits.shortest, limits.longest) == (30, 400)
    assert limits.elongation == pytest.approx(4, rel=0.03)
    content = ("cell_area", "brightness", "relief", "sharpness")
    assert [getattr(limits, name) for name in content] == [
        getattr(ANY_CELL, name) for name in content
    ]


@pytest.mark.parametrize(
    ("name", "value", "limit"),
    [("cell_area", 0.01, 0.005), ("brightness", 30, 15), ("sharpness", 4000, 8000)],
)
def test_unusual_training_cells_widen_the_limits(name: str, value: float, limit: float) -> None:
    limits = CellLimits.of(columns(**{name: value}), np.full(100, 0.5))
    assert getattr(limits, name) == limit
    assert CellLimits.of(columns(), np.full(100, 0.008)).relief == 0.004


def test_no_cells_are_counted_by_what_they_are() -> None:
    assert count_no_cells([None, None]) is None
    assert count_no_cells([]) is None
    reasons = [None, "black: 1", "noise: 2", "black: 3"]
    assert count_no_cells(reasons) == ("3 of 4 files can't be one cell (2 black, 1 noise)")


def test_real_cells_of_two_laboratories_are_cells(real_cells: Path, other_site: Path) -> None:
    files = cell_files(real_cells)[::10]
    images = [decode(file.read_bytes())[0] for file in files]
    found = [measure(image) for image in images]
    seen = {name: np.array([each[name] for each in found]) for name in SEEN[2:]}
    seen |= {name: np.array([getattr(image, name) for image in images]) for name in SEEN[:2]}
    limits = CellLimits.of(seen, np.array([relief(image) for image in images]))
    images += [decode(file.read_bytes())[0] for file in cell_files(other_site)]
    assert {why_no_cell(image, limits) for image in images} == {None}
