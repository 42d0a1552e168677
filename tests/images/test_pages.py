import io

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from smearflow.images.decode import AmbiguousError, UndecodableError, decode
from smearflow.images.ranges import Rules
from tests.cells.deep_files import DESCRIPTION, pages

RNG = np.random.default_rng(1)
GREYS = [Image.fromarray(RNG.integers(0, 256, (9, 7)).astype(np.uint8)) for _ in range(3)]
CELL = Image.merge("RGB", GREYS)
OTHER = CELL.rotate(180)
BLACK, WHITE, DARK = (Image.new("RGB", (7, 9), colour) for colour in ("black", "white", (3, 3, 3)))
NOISE = Image.fromarray(RNG.normal(220, 2, (9, 7, 3)).astype(np.uint8))
BLANK_GREY = Image.new("L", (7, 9), 40)
SUBFILE, METADATA = 254, 50839


def imagej(text: str, *images: Image.Image, **tags: object) -> bytes:
    return pages(*images, tiffinfo={DESCRIPTION: f"ImageJ=1.53t\nimages=3\n{text}\n"} | tags)


@pytest.mark.parametrize(
    ("file", "image", "mode"),
    [
        (pages(*GREYS), CELL, "L, 3 pages"),
        (imagej("channels=3\nmode=composite", *GREYS), CELL, "L, 3 pages"),
        (pages(CELL, OTHER), CELL, "RGB, page 1 of 2"),
        (pages(BLACK, CELL), CELL, "RGB, page 2 of 2"),
        (pages(WHITE, CELL), CELL, "RGB, page 2 of 2"),
        (pages(DARK, NOISE, CELL), CELL, "RGB, page 3 of 3"),
        (pages(BLANK_GREY, GREYS[0]), GREYS[0].convert("RGB"), "L, page 2 of 2"),
        (pages(BLACK, BLACK), BLACK, "RGB, page 1 of 2"),
        (pages(CELL, OTHER, format="PNG"), CELL, "RGB, page 1 of 2"),
        (pages(BLACK, CELL, format="PNG"), CELL, "RGB, page 2 of 2"),
    ],
    ids=range(10),
)
def test_the_pages_that_are_the_cell(file: bytes, image: Image.Image, mode: str) -> None:
    found = decode(file)
    assert found.mode == mode
    assert found.image.tobytes() == image.tobytes()
    assert found.range == (255, "format")


@pytest.mark.parametrize("order", ["le", "be"])
def test_slices_that_imagej_labels_as_colours(order: str) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[DESCRIPTION] = "ImageJ=1.53t\nimages=3\nslices=3\n"
    tags.tagtype[METADATA] = 1
    tags[METADATA] = "RedGreenBlue".encode(f"utf-16-{order}")
    assert decode(pages(*GREYS, tiffinfo=tags)).image.tobytes() == CELL.tobytes()


@pytest.mark.parametrize(
    "file",
    [
        pages(*GREYS[:2]),
        pages(*GREYS, GREYS[0]),
        pages(BLANK_GREY, *GREYS[:2]),
        imagej("frames=3", *GREYS),
        imagej("slices=3", *GREYS),
        pages(*GREYS, tiffinfo={DESCRIPTION: '<Pixels SizeC="1" SizeT="1" SizeZ="3"/>'}),
        pages(CELL.resize((3, 4)), CELL),
        pages(GREYS[0], CELL),
    ],
    ids=["two greys", "four greys", "a blank grey", "times", "slices", "ome", "sizes", "kinds"],
)
def test_pages_that_may_or_may_not_be_the_cell(file: bytes) -> None:
    with pytest.raises(AmbiguousError, match="of which any or all may be the cell"):
        decode(file)


def test_three_deep_pages() -> None:
    greys = [Image.fromarray(RNG.integers(0, 4096, (9, 7)).astype(np.uint16)) for _ in range(3)]
    values = np.stack([np.asarray(grey) for grey in greys], axis=-1)
    values[0, 0] = 4095
    found = decode(pages(*(Image.fromarray(values[..., band]) for band in range(3))), Rules(12))
    assert found.mode == "I;16, 3 pages"
    assert np.array_equal(np.asarray(found.image), np.rint(values * (255 / 4095)))


@pytest.mark.parametrize("kind", [1, 4], ids=["smaller", "mask"])
def test_smaller_copies_and_masks_are_left_out(kind: int) -> None:
    marked = OTHER.resize((3, 4))
    marked.encoderinfo = {"tiffinfo": {SUBFILE: kind}}
    for file, page in ((pages(marked, CELL), 2), (pages(CELL, marked), 1)):
        found = decode(file)
        assert found.mode == f"RGB, page {page} of 2"
        assert found.image.tobytes() == CELL.tobytes()


def test_a_file_of_very_many_pages() -> None:
    with pytest.raises(UndecodableError, match="65 pages, more than 64"):
        decode(pages(*[GREYS[0]] * 65))


def test_an_animation_shows_its_first_frame() -> None:
    frames = [image.quantize(8) for image in (CELL, OTHER)]
    found = decode(pages(*frames, format="GIF"))
    assert found.mode == "P, page 1 of 2"
    with Image.open(io.BytesIO(pages(*frames, format="GIF"))) as first:
        assert found.image.tobytes() == first.convert("RGB").tobytes()
