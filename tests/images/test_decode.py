import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smearflow.images.decode import UndecodableError, decode, pixels_of, resize
from tests.material import cell_image


def encoded(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def bomb() -> bytes:
    """A PNG of 60,000 x 60,000 pixels in under 100 bytes."""
    chunks = {b"IHDR": struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0), b"IDAT": b""}
    framed = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


CELL = encoded(cell_image(np.random.default_rng(1), parasitized=True))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        (b"patient,field\n1,2\n", "not an image"),
        (CELL[: len(CELL) // 2], "damaged"),
        (encoded(Image.new("RGB", (99, 99), "red"), "JPEG")[:-40], "damaged"),
        (encoded(Image.new("L", (4097, 2))), "4097 x 2 pixels, more than 4096 a side"),
        (bomb(), "60000 x 60000 pixels, more than 4096 a side"),
        (encoded(Image.new("F", (9, 9), 7), "TIFF"), "floating-point"),
        (encoded(Image.new("RGB", (9, 9)), "TGA"), "not an image"),
    ],
    ids=["empty", "text", "cut png", "cut jpeg", "large", "bomb", "float", "other format"],
)
def test_undecodable(data: bytes, reason: str) -> None:
    with pytest.raises(UndecodableError, match=reason) as caught:
        decode(data)
    assert "0x" not in str(caught.value)  # an address would differ from run to run


@pytest.mark.parametrize(
    ("image", "mode", "expected"),
    [
        (Image.new("RGB", (4, 4), (9, 80, 200)), "RGB", (9, 80, 200)),
        (Image.new("L", (4, 4), 77), "L", (77, 77, 77)),
        (Image.new("RGBA", (4, 4), (200, 100, 50, 255)), "RGBA", (200, 100, 50)),
        (Image.new("RGBA", (4, 4), (200, 100, 50, 51)), "RGBA", (40, 20, 10)),
        (Image.new("LA", (4, 4), (200, 51)), "LA", (40, 40, 40)),
        (Image.new("RGB", (4, 4), (255, 0, 0)).convert("P"), "P", (255, 0, 0)),
        (Image.new("I;16", (4, 4), 0x8040), "I;16", (0x80,) * 3),
        (Image.new("1", (4, 4), 1), "1", (255,) * 3),
    ],
)
def test_modes_become_rgb(image: Image.Image, mode: str, expected: tuple[int, int, int]) -> None:
    rgb, found, *_ = decode(encoded(image))
    assert (rgb.mode, found) == ("RGB", mode)
    assert rgb.getpixel((1, 1)) == expected


def test_cmyk_becomes_rgb() -> None:
    rgb, mode, *_ = decode(encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG"))
    assert mode == "CMYK"
    assert min(rgb.getpixel((1, 1))) > 250  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1, 3, 6, 99])
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_an_exif_orientation_changes_nothing(format: str, value: int) -> None:
    cell, exif = cell_image(np.random.default_rng(1), parasitized=True), Image.Exif()
    exif[0x0112] = value
    plain, tagged = (
        decode(encoded(cell, format, **options))[0] for options in ({}, {"exif": exif})
    )
    assert tagged.tobytes() == plain.tobytes()
    assert tagged.size == plain.size


def test_resizing_averages_over_what_it_leaves_out() -> None:
    stripes = np.zeros((128, 128, 3), np.uint8)
    stripes[:, ::2] = 255
    pixels = resize(Image.fromarray(stripes), 32)
    assert pixels.shape == (32, 32, 3)
    assert pixels.dtype == np.uint8
    assert abs(pixels.astype(int) - 127).max() <= 10  # without antialiasing: 0 or 255


def test_pixels_of_a_real_cell(real_cells: Path) -> None:
    file = min(real_cells.glob("*/*.png"))
    pixels = pixels_of(file.read_bytes(), 96)
    assert pixels.shape == (96, 96, 3)
    assert (pixels[0, 0] == 0).all()
    assert pixels[48, 48].min() > 50
