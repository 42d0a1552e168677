"""The usual mistakes in feeding a model, and rendered cells that show them: its self-test."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from smearflow.conversion.convert import FLOAT32, INT8, WEIGHTS_INT8
from smearflow.edge.runtime import Runner
from smearflow.edge.self_test import FOLDER
from smearflow.ground.files import file_sha256
from smearflow.images.decode import INTERPOLATION, resize
from smearflow.images.stain import normalised_slides
from smearflow.records.edge import SelfTest, TestedCell
from smearflow.sample.cell import render_cell

CANDIDATES = 96  # rendered cells to choose from
PATIENTS = 12
SEED = 20
ORIENTATION = 0x0112  # the EXIF tag
ON_ITS_SIDE = 6

Image8 = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float32]


def candidates() -> list[Image.Image]:
    """Rendered cells of several patients, infected and healthy, of the odd sizes crops have."""
    cells = [
        render_cell(SEED, number % PATIENTS, number // PATIENTS, bool(number // PATIENTS % 2))
        for number in range(CANDIDATES)
    ]
    return [Image.fromarray(cell.pixels) for cell in cells]


@dataclass(frozen=True)
class Feed:
    """How images that are judged one by one become what a model takes.

    Attributes:
        size: pixels a side.
        stain_normalised: whether that of each is.
    """

    size: int
    stain_normalised: bool

    def pixels(
        self,
        images: Sequence[Image.Image],
        resized: Callable[[Image.Image, int], Image8] = resize,
    ) -> Image8:
        """RGB images as [n, size, size, 3], resized rightly or not."""
        cells = np.stack([resized(image, self.size) for image in images])
        return normalised_slides(cells, range(len(cells))) if self.stain_normalised else cells


def _plain_bilinear(image: Image.Image, size: int) -> Image8:
    """Without antialiasing, as many a library scales unless it is told otherwise."""
    box = (0, 0, *image.size)
    scaled = image.transform((size, size), Image.Transform.EXTENT, box, Image.Resampling.BILINEAR)
    return np.asarray(scaled)


def _nearest(image: Image.Image, size: int) -> Image8:
    return np.asarray(image.resize((size, size), Image.Resampling.NEAREST))


def _padded(image: Image.Image, size: int) -> Image8:
    return np.asarray(ImageOps.pad(image, (size, size), INTERPOLATION))


def _cropped(image: Image.Image, size: int) -> Image8:
    return np.asarray(ImageOps.fit(image, (size, size), INTERPOLATION))


def _blue_first(image: Image.Image, size: int) -> Image8:
    return resize(image, size)[..., ::-1]


def _transposed(image: Image.Image, size: int) -> Image8:
    return resize(image, size).swapaxes(0, 1)


def _turned(image: Image.Image, size: int) -> Image8:
    return resize(image.transpose(Image.Transpose.ROTATE_270), size)


def _on_white(image: Image.Image, size: int) -> Image8:
    pixels = np.asarray(image).copy()
    pixels[~pixels.any(axis=2)] = 255
    return resize(Image.fromarray(pixels), size)


ON_WHITE, TURNED = "transparency over white", "EXIF orientation obeyed"
# Of pixels, of the values of black and white, and of which class is which.
PIXELS: dict[str, Callable[[Image.Image, int], Image8]] = {
    "channels in the order BGR": _blue_first,
    "nearest neighbour": _nearest,
    "bilinear without antialiasing": _plain_bilinear,
    "padded, not stretched": _padded,
    "cropped, not stretched": _cropped,
    "rows and columns exchanged": _transposed,
    ON_WHITE: _on_white,
    TURNED: _turned,
}
RANGES = {"values in 0..1": (0.0, 1.0), "values in -1..1": (-1.0, 1.0)}
SWAPPED = "classes exchanged"
OTHER_STAIN = "stain not normalised"


# What a kernel of LiteRT may change: float32 probabilities by a millionth, int8 ones of cells near
# the decision by a tenth. Such cells are not chosen, so that a tolerance need not allow for them.
TOLERANCES = {FLOAT32: 0.01, WEIGHTS_INT8: 0.01, INT8: 0.05}
STEADY = 0.25  # of the tolerance, at most, from one kernel to another
SEEN = 2.0  # of the tolerance, at least, for a mistake to count as shown


def write_self_test(folder: Path, models: Sequence[str], chosen: str, feed: Feed) -> SelfTest:
    """Write the cells that show the mistakes best into folder/self_test.

    Args:
        folder: of the export, with the models' files.
        models: names of the models' files.
        chosen: that of the model to be run.
        feed: of the models.
    """
    images = candidates()
    steady = np.logical_and.reduce([_steady(folder / name, images, feed) for name in models])
    images = [image for image, kept in zip(images, steady, strict=True) if kept]
    plain, special = _choose(folder / chosen, images, feed)
    images = [*plain, *special]
    saved = [_as_png] * len(plain) + list(STORED.values())
    told = {name: probabilities(folder / name, images, feed) for name in models}
    (folder / FOLDER).mkdir()
    cells = []
    for index, (image, save) in enumerate(zip(images, saved, strict=True)):
        file = folder / FOLDER / f"{index + 1}.png"
        file.write_bytes(save(image))
        found = {name: float(told[name][0][index]) for name in models}
        path, sha256 = f"{FOLDER}/{file.name}", file_sha256(file)
        cells.append(TestedCell(file=path, sha256=sha256, probability=found))
    return SelfTest(
        cells=tuple(cells),
        differences={name: _differences(*told[name], len(plain)) for name in models},
        tolerance={name: TOLERANCES[name] for name in models},
    )


def _choose(
    path: Path, images: Sequence[Image.Image], feed: Feed
) -> tuple[list[Image.Image], list[Image.Image]]:
    """The images that show the mistakes best, and those for each of STORED."""
    right, wrong = probabilities(path, images, feed)
    best = {name: int(np.abs(found - right).argmax()) for name, found in wrong.items()}
    plain = sorted({index for name, index in best.items() if name not in STORED})
    return [images[index] for index in plain], [images[best[name]] for name in STORED]


def unseen(test: SelfTest, model: str) -> list[str]:
    """The mistakes that a self-test does not show with a model's file."""
    least = SEEN * test.tolerance[model]
    return [name for name, found in test.differences[model].items() if found < least]


def probabilities(
    path: Path, images: Sequence[Image.Image], feed: Feed
) -> tuple[Probabilities, dict[str, Probabilities]]:
    """What a model makes of images as they should be fed, and of each mistake; [n] each.

    Args:
        path: a LiteRT file.
        images: RGB.
        feed: of the model.
    """
    pixels = feed.pixels(images)
    right = Runner(path).predict(pixels)[0]
    wrong = {name: Runner(path, values).predict(pixels)[0] for name, values in RANGES.items()}
    for name, mistake in PIXELS.items():
        wrong[name] = Runner(path).predict(feed.pixels(images, mistake))[0]
    if feed.stain_normalised:
        plain = replace(feed, stain_normalised=False).pixels(images)
        wrong[OTHER_STAIN] = Runner(path).predict(plain)[0]
    return right, wrong | {SWAPPED: 1 - right}


def _steady(path: Path, images: Sequence[Image.Image], feed: Feed) -> npt.NDArray[np.bool_]:
    """Per image, whether other kernels of LiteRT give the same probability, [n]."""
    pixels = feed.pixels(images)
    usual, other = (Runner(path, usual_kernels=usual).predict(pixels)[0] for usual in (True, False))
    return np.abs(usual - other) <= STEADY * TOLERANCES[path.name]


def _differences(
    right: Probabilities, wrong: Mapping[str, Probabilities], plain: int
) -> dict[str, float]:
    """By mistake the largest difference among the cells that show it.

    Args:
        right: of the self-test's cells, [n].
        wrong: likewise by mistake.
        plain: how many cells, the first ones, are stored as usual; then one each of STORED.
    """
    found = {name: np.abs(each - right) for name, each in wrong.items()}
    special = {name: slice(plain + at, plain + at + 1) for at, name in enumerate(STORED)}
    return {name: float(each[special.get(name, slice(None))].max()) for name, each in found.items()}


def _as_png(image: Image.Image) -> bytes:
    return _encoded(image)


def _transparent(image: Image.Image) -> bytes:
    """Clear instead of black, with white below."""
    pixels = np.asarray(image)
    cell = pixels.any(axis=2, keepdims=True)
    alpha = np.where(cell, np.uint8(255), np.uint8(0))
    seen = np.where(cell, pixels, np.uint8(255))
    return _encoded(Image.fromarray(np.concatenate([seen, alpha], axis=2)))


def _on_its_side(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = ON_ITS_SIDE
    return _encoded(image, exif=exif)


def _encoded(image: Image.Image, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


# Mistakes that only files of a kind show.
STORED = {ON_WHITE: _transparent, TURNED: _on_its_side}
