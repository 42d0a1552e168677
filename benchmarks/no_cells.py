"""Images that are not of one cell, of the sizes that crops of cells have: for not_a_cell.py."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import skimage
from PIL import Image, ImageDraw, ImageFont

RNG = np.random.Generator
# What lies in scikit-image itself, of things that no microscope of blood shows, and two pages.
PHOTOGRAPHS = (
    *("astronaut.png", "brick.png", "camera.png", "chelsea.png", "chessboard_GRAY.png"),
    *("clock_motion.png", "coffee.png", "coins.png", "color.png", "grass.png", "gravel.png"),
    *("horse.png", "hubble_deep_field.jpg", "ihc.png", "logo.png", "moon.png"),
    *("motorcycle_left.png", "phantom.png", "retina.jpg", "rocket.jpg"),
)
PAGES = ("page.png", "text.png")
WORDS = (
    "patient",
    "slide",
    "field",
    "cell",
    "label",
    "stain",
    "thin",
    "smear",
    "report",
    "x100",
    "17",
)


def _shipped(name: str) -> Image.Image:
    return Image.open(Path(skimage.__file__).parent / "data" / name).convert("RGB")


_OPEN = {name: _shipped(name) for name in (*PHOTOGRAPHS, *PAGES)}


def _size(rng: RNG) -> tuple[int, int]:
    width, height = rng.integers(70, 200, 2)
    return int(width), int(height)


def _image(levels: npt.NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def _part(image: Image.Image, rng: RNG, least: int, most: int) -> Image.Image:
    """A square of it, at most as large as the image, in the size of a crop."""
    side = min(int(rng.integers(least, most)), *image.size)
    left, top = (int(rng.integers(0, length - side + 1)) for length in image.size)
    wanted = int(rng.integers(70, 200))
    return image.crop((left, top, left + side, top + side)).resize((wanted, wanted))


def noise(rng: RNG) -> Image.Image:
    """Grains or clouds, grey or coloured."""
    width, height = _size(rng)
    grain, channels = int(rng.choice([1, 1, 2, 4, 8, 16, 24])), int(rng.choice([1, 3, 3]))
    shape = (height // grain + 2, width // grain + 2, channels)
    levels = rng.normal(rng.uniform(60, 220, channels), rng.uniform(15, 90), shape)
    grains = _image(np.broadcast_to(levels, (*shape[:2], 3)))
    return grains.resize((width, height), Image.Resampling.BICUBIC)


def text(rng: RNG) -> Image.Image:
    """Lines of print in a size, an ink and on a paper of its own, or a part of a scanned page."""
    if rng.random() < 0.3:
        return _part(_OPEN[PAGES[int(rng.integers(len(PAGES)))]], rng, 40, 160)
    paper, ink = (tuple(map(int, rng.integers(*span, 3))) for span in ((150, 256), (0, 120)))
    if rng.random() < 0.2:
        paper, ink = ink, paper
    image = Image.new("RGB", _size(rng), paper)
    height = float(rng.uniform(8, 40))
    font = ImageFont.load_default(height)
    for top in np.arange(2, image.height, 1.2 * height):
        line = " ".join(rng.choice(WORDS, 6))
        ImageDraw.Draw(image).text((2, float(top)), line, fill=ink, font=font)
    return image


def photograph(rng: RNG) -> Image.Image:
    """A part of a photograph or drawing."""
    return _part(_OPEN[PHOTOGRAPHS[int(rng.integers(len(PHOTOGRAPHS)))]], rng, 70, 400)


def background(rng: RNG) -> Image.Image:
    """Glass in uneven light, with the noise of a camera."""
    width, height = _size(rng)
    down, right = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    slope, bend = rng.uniform(-0.2, 0.2, 2), rng.uniform(0, 0.2)
    light = 1 + slope[0] * right + slope[1] * down - bend * (right**2 + down**2)
    levels = light[..., np.newaxis] * rng.uniform((150, 140, 140), (245, 240, 240))
    return _image(levels + rng.normal(0, rng.uniform(1, 8), (height, width, 3)))


def cut_background(rng: RNG, cells: Sequence[Image.Image]) -> Image.Image:
    """Glass cut out on black, in the outline of a cell: a slip of the segmentation."""
    outline = np.asarray(cells[0]).any(axis=2)
    glass = np.array(background(rng).resize(cells[0].size))
    glass[~outline] = 0
    return Image.fromarray(glass)


def several(rng: RNG, cells: Sequence[Image.Image]) -> Image.Image:
    """Two to six cells of a patient cut out together, some of which touch or overlap."""
    count = int(rng.choice([2, 2, 3, 4, 6]))
    columns = math.ceil(math.sqrt(count))
    if rng.random() < 0.5:
        columns = math.ceil(count / columns)
    step = int(np.median([max(cell.size) for cell in cells]) * rng.uniform(0.8, 1.05))
    side = 3 * step + max(max(cell.size) for cell in cells)
    crop = Image.new("RGB", (side + step, side + step))
    for number, cell in enumerate(cells[:count]):
        row, column = divmod(number, columns)
        places = (rng.integers(-step // 10, step // 10 + 1) + step * n for n in (column, row))
        left, top = (max(int(place), 0) for place in places)
        mask = Image.fromarray(np.asarray(cell).any(axis=2))
        crop.paste(cell, (left, top), mask)
    return crop.crop(crop.getbbox())


def several_on_glass(rng: RNG, cells: Sequence[Image.Image]) -> Image.Image:
    """The same on a light ground."""
    pixels = np.array(several(rng, cells))
    pixels[~pixels.any(axis=2)] = rng.integers(200, 250, 3)
    return Image.fromarray(pixels)


ALONE: dict[str, Callable[[RNG], Image.Image]] = {
    "noise": noise,
    "text": text,
    "photographs": photograph,
    "background": background,
}
OF_CELLS: dict[str, Callable[[RNG, Sequence[Image.Image]], Image.Image]] = {
    "background in a cell's outline": cut_background,
    "several cells on black": several,
    "several cells on a light ground": several_on_glass,
}
