"""Images that are not of one cell, drawn from cells and from nothing: what to refuse, by example.

Hendrycks et al. 2019 (Deep anomaly detection with outlier exposure, ICLR): a detector that has seen
some kinds of what does not belong also knows kinds that it has not seen.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from smearflow.images.statistics import BLACK

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
RNG = np.random.Generator

TOGETHER = 6  # cells at most in one image
LETTERS = "abcdefghijklmnopqrstuvwxyz     0123456789.,:-/"


def no_cells(cells: Pixels, patients: Sequence[str], count: int, seed: int) -> Pixels:
    """Images of each kind, in turn.

    Args:
        cells: [n, S, S, 3].
        patients: [n], whose they are: cells in one image are of one patient.
        count: of images.

    Returns:
        [count, S, S, 3].
    """
    rng, owners = np.random.default_rng(seed), np.array(patients, str)
    found = []
    for number in range(count):
        own = np.flatnonzero(owners == owners[rng.integers(len(owners))])
        found.append(KINDS[number % len(KINDS)](rng, cells[rng.choice(own, TOGETHER)]))
    return np.stack(found)


def several(rng: RNG, cells: Pixels) -> Pixels:
    """Two to six cells side by side, as large as they fit, some over each other, on their ground or
    on light."""
    count = int(rng.integers(2, TOGETHER + 1))
    columns = int(rng.integers(1, count + 1))
    across = max(columns, math.ceil(count / columns))
    step, size = len(cells[0]) / across, len(cells[0])
    shown = math.ceil(step * rng.uniform(1.0, 1.3))
    canvas = np.zeros_like(cells[0])
    for number, cell in enumerate(cells[:count]):
        small = np.asarray(Image.fromarray(cell).resize((shown, shown), Image.Resampling.BOX))
        place = np.array(divmod(number, columns)) * step + rng.uniform(-0.15, 0.15, 2) * step
        top, left = np.clip(place, 0, size - shown).astype(int)
        there = canvas[top : top + shown, left : left + shown]
        np.copyto(there, small, where=_shows(small))
    box = Image.fromarray(canvas).getbbox()
    canvas = np.asarray(Image.fromarray(canvas).resize((size, size), Image.Resampling.BOX, box))
    return _on_glass(rng, canvas) if rng.random() < 0.5 else canvas


def outline(rng: RNG, cells: Pixels) -> Pixels:
    """Glass in the outline of a cell, as a slip of the segmentation leaves it."""
    return np.where(_shows(cells[0]), glass(rng, cells), 0).astype(np.uint8)


def glass(rng: RNG, cells: Pixels) -> Pixels:
    """Glass in uneven light."""
    size = len(cells[0])
    down, right = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    light = 1 + rng.uniform(-0.15, 0.15) * right + rng.uniform(-0.15, 0.15) * down
    levels = light[..., np.newaxis] * _light(rng) + rng.normal(
        0, rng.uniform(0, 6), (size, size, 3)
    )
    return _levels(levels)


def grains(rng: RNG, cells: Pixels) -> Pixels:
    """Clouds: noise of every scale, each weaker by a factor than the next coarser one."""
    size, factor = len(cells[0]), rng.uniform(0.3, 1.5)
    colours = int(rng.choice([1, 3]))
    levels = np.zeros((size, size, colours))
    for octave in range(1, 7):
        shape = (2**octave + 1, 2**octave + 1)
        for colour in range(colours):
            layer = Image.fromarray(rng.normal(0, factor**octave, shape).astype(np.float32))
            levels[..., colour] += np.asarray(layer.resize((size, size), Image.Resampling.BICUBIC))
    levels = rng.uniform(20, 90) * levels / max(levels.std(), 1e-6) + rng.uniform(60, 200, colours)
    return _levels(np.broadcast_to(levels, (size, size, 3)))


def shapes(rng: RNG, cells: Pixels) -> Pixels:
    """Discs and rectangles of all sizes over each other, as things in a photograph are (Ruderman
    1997, dead leaves)."""
    size = len(cells[0])
    image = Image.new("RGB", (size, size), _colour(rng, 0))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(5, 60))):
        length = size * rng.uniform(0.05, 0.8) ** 2 + 1
        left, top = rng.uniform(-0.2, 1, 2) * size
        box = (left, top, left + length, top + length * rng.uniform(0.3, 2))
        (draw.ellipse if rng.random() < 0.5 else draw.rectangle)(box, fill=_colour(rng, 0))
    levels = np.asarray(image) + rng.normal(0, rng.uniform(0, 15), (size, size, 3))
    grey = levels.mean(axis=2, keepdims=True)
    return _levels(grey + rng.uniform(0, 1) * (levels - grey))


def letters(rng: RNG, cells: Pixels) -> Pixels:
    """Lines of print."""
    size = len(cells[0])
    paper, ink = _colour(rng, 150), tuple(level // 2 for level in _colour(rng, 0))
    if rng.random() < 0.3:
        paper, ink = ink, paper
    image = Image.new("RGB", (size, size), paper)
    height = size * rng.uniform(0.06, 0.4)
    font = ImageFont.load_default(height)
    for top in np.arange(rng.uniform(-0.5, 0.5) * height, size, 1.2 * height):
        line = "".join(rng.choice(list(LETTERS), 40))
        ImageDraw.Draw(image).text((rng.uniform(-1, 1), float(top)), line, fill=ink, font=font)
    return np.asarray(image)


def pieces(rng: RNG, cells: Pixels) -> Pixels:
    """A cell cut into tiles that were shuffled."""
    tiles, cell = int(rng.integers(2, 5)), cells[0]
    size = len(cell) // tiles
    order = rng.permutation(tiles**2)
    found = cell.copy()
    for target, source in enumerate(order):
        (down, right), (top, left) = (np.array(divmod(n, tiles)) * size for n in (target, source))
        found[down : down + size, right : right + size] = cell[top : top + size, left : left + size]
    return found


KINDS: tuple[Callable[[RNG, Pixels], Pixels], ...] = (
    *(several, outline, several, glass, grains, shapes, letters, pieces),
)


def _shows(pixels: Pixels) -> npt.NDArray[np.bool_]:
    """Which pixels were not cut away, [S, S, 1]."""
    return pixels.max(axis=-1, keepdims=True) >= BLACK


def _on_glass(rng: RNG, pixels: Pixels) -> Pixels:
    return np.where(_shows(pixels), pixels, _levels(_light(rng)))


def _light(rng: RNG) -> Floats:
    """Levels of glass [3], nearly grey."""
    return np.clip(rng.uniform(150, 250) + rng.uniform(-20, 20, 3), 0, 255)


def _colour(rng: RNG, darkest: int) -> tuple[int, ...]:
    return tuple(map(int, rng.integers(darkest, 256, 3)))


def _levels(levels: Floats) -> Pixels:
    return np.clip(levels, 0, 255).astype(np.uint8)
