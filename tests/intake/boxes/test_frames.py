"""Boxes drawn in an image as people see it, cut from the image as it is stored."""

import io
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from PIL import Image, ImageOps

from smearflow.ground.errors import SmearflowError
from smearflow.intake.boxes.fields import read_field
from smearflow.intake.boxes.frames import Frame, frame_of
from smearflow.intake.boxes.marks import Marked
from smearflow.intake.listing import Box
from tests.cells.deep_files import pages
from tests.images.test_decode import bomb
from tests.intake.boxes.material import HEIGHT, WIDTH, write_field

BOX = Box(20, 10, 40, 60)


def marked(size: tuple[int, int] | None, box: Box = BOX) -> Marked:
    return Marked(PurePosixPath("1.jpg"), "rbc", box, False, "a.json", size)


def cut(pixels: np.ndarray, box: Box) -> np.ndarray:
    left, top, right, bottom = map(int, box)
    return pixels[top:bottom, left:right]


def turns(pixels: np.ndarray) -> list[bytes]:
    """The eight ways to lay an image, which a cell has all the same."""
    return [
        np.rot90(side, times).tobytes() for side in (pixels, pixels[:, ::-1]) for times in range(4)
    ]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_what_was_marked_is_what_is_cut(tmp_path: Path, suffix: str, orientation: int) -> None:
    """Told by Pillow's own way to turn an image; a TIFF is turned when it is decoded."""
    file = tmp_path / f"1{suffix}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    rng = np.random.default_rng(1)
    stored = Image.fromarray(rng.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8))
    stored.save(file, exif=exif, lossless=True)
    with Image.open(file) as image:
        seen = np.asarray(ImageOps.exif_transpose(image))
    frame = frame_of(file)
    assert frame.seen == seen.shape[1::-1]
    for size in (None, frame.seen):
        found = cut(read_field(file.read_bytes()).samples, frame.box(marked(size)))
        assert found.tobytes() in turns(cut(seen, BOX))


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_boxes_in_photographs_of_a_telephone(tmp_path: Path, orientation: int) -> None:
    """HEIC, whose plug-in turns the image when it is opened, and then says that it is upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    levels = np.arange(HEIGHT * WIDTH, dtype=np.uint16).reshape(HEIGHT, WIDTH, 1) // 45 % 256
    stored = Image.fromarray(np.repeat(levels.astype(np.uint8), 3, axis=2))
    for name in ("seen.png", "1.heic"):
        # of bytes the plug-in makes the turn that telephones store, too, and that alone counts
        stored.save(tmp_path / name, exif=exif.tobytes(), quality=100)
    with Image.open(tmp_path / "seen.png") as image:
        seen = np.asarray(ImageOps.exif_transpose(image)).astype(int)
    frame = frame_of(tmp_path / "1.heic")
    assert frame.seen == seen.shape[1::-1]
    field = read_field((tmp_path / "1.heic").read_bytes()).samples.astype(int)
    assert np.abs(cut(field, frame.box(marked(frame.seen))) - cut(seen, BOX)).mean() < 3


def test_a_size_that_is_the_stored_one_says_that_nothing_was_turned() -> None:
    frame = Frame(WIDTH, HEIGHT, 6)
    assert frame.box(marked((WIDTH, HEIGHT))) == BOX
    assert frame.box(marked((HEIGHT, WIDTH))) == Box(10, 50, 60, 70)
    assert frame.box(marked(None)) == Box(10, 50, 60, 70)


@pytest.mark.parametrize("orientation", [1, 3])
def test_an_image_of_another_size_is_not_the_one_that_was_annotated(orientation: int) -> None:
    with pytest.raises(SmearflowError, match="at 60 x 45 pixels, but it has 120 x 90 pixels"):
        Frame(WIDTH, HEIGHT, orientation).box(marked((60, 45)))
    with pytest.raises(SmearflowError, match="at 90 x 120 pixels"):
        Frame(WIDTH, HEIGHT, orientation).box(marked((HEIGHT, WIDTH)))


@pytest.mark.parametrize("value", [0, 9, 700])
def test_an_orientation_that_does_not_exist(tmp_path: Path, value: int) -> None:
    write_field(tmp_path / "1.jpg", orientation=value)
    assert frame_of(tmp_path / "1.jpg") == (WIDTH, HEIGHT, 1)


def test_damaged_exif(tmp_path: Path) -> None:
    Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / "1.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff")
    assert frame_of(tmp_path / "1.jpg") == (WIDTH, HEIGHT, 1)


def test_the_size_is_that_of_the_page_that_is_decoded(tmp_path: Path) -> None:
    large = Image.effect_noise((WIDTH, HEIGHT), 50).convert("RGB")
    small = large.resize((WIDTH // 2, HEIGHT // 2))
    small.encoderinfo = {"tiffinfo": {254: 1}}  # a smaller copy
    file = tmp_path / "1.tif"
    file.write_bytes(pages(small, large))
    assert read_field(file.read_bytes()).samples.shape[1::-1] == (WIDTH, HEIGHT)
    assert frame_of(file).stored == (WIDTH, HEIGHT)


def test_no_more_than_the_header_is_read(tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.effect_noise((WIDTH, HEIGHT), 50).save(stream, "PNG")
    (tmp_path / "1.png").write_bytes(stream.getvalue()[:200])
    assert frame_of(tmp_path / "1.png").stored == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "not an image"), (b"a text", "not an image"), (bomb(), "more than 20000 a side")],
)
def test_a_file_that_is_no_image(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "1.png").write_bytes(content)
    with pytest.raises(SmearflowError, match=reason) as caught:
        frame_of(tmp_path / "1.png")
    assert str(tmp_path / "1.png") in str(caught.value)
    assert "0x" not in str(caught.value)
