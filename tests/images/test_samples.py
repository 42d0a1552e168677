from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.images.decode import AmbiguousError, UndecodableError, decode
from smearflow.images.ranges import FLOAT, FORMAT, MEASURED, STATED, TAG, Peak, Rules
from tests.cells.deep_files import png, tiff

SHAPES = ((5, 7), (5, 7, 3), (5, 7, 4))
WHITES = (1023, 4095, 16383, 65535)


def samples(white: int, shape: tuple[int, ...] = (5, 7, 3), seed: int = 1) -> np.ndarray:
    """uint16 up to `white`; the first pixel is white, and alpha opaque."""
    found = np.random.default_rng(seed).integers(0, white + 1, shape).astype(np.uint16)
    found[0, 0] = white
    if shape[2:] == (4,):
        found[..., 3] = white
    return found


def expected(values: np.ndarray, white: int) -> np.ndarray:
    """uint8 RGB: round(255 v / white)."""
    colours = values if values.ndim == 3 else np.stack([values] * 3, axis=-1)
    return np.rint(colours[..., :3].astype(float) * 255 / white).astype(np.uint8)


def written(values: np.ndarray, form: str) -> bytes:
    """As one of the ways to store it."""
    if form == "png":
        return png(values)
    extra = {"extrasamples": (2,)} if values.shape[2:] == (4,) else {}
    return tiff(
        values, order="<" if form[0] == "<" else ">", deflate=form.endswith("deflate"), **extra
    )


FORMS = ("png", "< raw", "> raw", "< deflate", "> deflate")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("white", WHITES)
def test_every_bit_counts(white: int, shape: tuple[int, ...], form: str) -> None:
    values = samples(white, shape)
    found = decode(written(values, form), Rules(white.bit_length()))
    assert np.array_equal(np.asarray(found.image), expected(values, white))
    assert found.range == (white, STATED)
    assert found.mode.startswith({2: "I;16", 3: "RGB;16", 4: "RGBA;16"}[(*shape, 2)[2]])


@given(st.integers(0, 4095), st.sampled_from(FORMS))
def test_any_12_bit_sample(value: int, form: str) -> None:
    values = np.full((2, 2, 3), value, np.uint16)
    found = decode(written(values, form), Rules(12)).image.getpixel((0, 0))
    assert found == (round(value * 255 / 4095),) * 3


@pytest.mark.parametrize(
    ("tags", "white"),
    [
        ({"tag_281": (4095,) * 3}, 4095),
        ({"tag_281": 16383}, 16383),
        ({"tag_341": (1023,) * 3}, 1023),
        ({"imagedescription": '<OME><Pixels SignificantBits="14" SizeC="3"/></OME>'}, 16383),
        ({"imagedescription": "ImageJ=1.53t\nmin=0.0\nmax=4095.0\n"}, 4095),
    ],
    ids=str,
)
def test_a_tag_names_the_range(tags: dict[str, Any], white: int) -> None:
    values = samples(1000)
    found = decode(tiff(values, **tags))
    assert found.range == (white, TAG)
    assert found.peak is None
    assert np.array_equal(np.asarray(found.image), expected(values, white))


@pytest.mark.parametrize(
    "tags",
    [
        {"tag_281": (3987,) * 3},
        {"tag_281": (65535,) * 3},
        {"imagedescription": "ImageJ=1.53t\nmin=100.0\nmax=4095.0\n"},
        {"imagedescription": "max=4095"},
    ],
    ids=["a statistic", "all bits of the file", "stretched display", "free text"],
)
def test_a_tag_that_names_none(tags: dict[str, Any]) -> None:
    with pytest.raises(AmbiguousError, match="name no range, up to 1000"):
        decode(tiff(samples(1000), **tags))


def test_samples_above_what_a_tag_allows() -> None:
    with pytest.raises(AmbiguousError, match="up to 5000, above the largest its tags allow, 4095"):
        decode(tiff(samples(5000), tag_281=(4095,) * 3))


def test_significant_bits_of_a_png() -> None:
    low, high, chunk = samples(4095), samples(4095) * 16, {b"sBIT": bytes([12] * 3)}
    assert decode(png(low, chunk)).range == (4095, TAG)
    assert decode(png(high, chunk)).range == (65535, TAG)  # scaled up, as the standard has it
    assert np.array_equal(np.asarray(decode(png(low, chunk)).image), expected(low, 4095))
    assert np.array_equal(np.asarray(decode(png(high, chunk)).image), expected(high, 65535))


def test_12_bits_packed() -> None:
    packed = np.frombuffer(bytes([0xFF, 0xF8, 0x00]) * 3, np.uint8).reshape(3, 3)
    for deflate in (False, True):
        file = tiff(packed, deflate=deflate, bitspersample=(12,), imagewidth=2)
        found = decode(file)
        assert found.range == (4095, TAG)
        assert [found.image.getpixel((at, 2)) for at in (0, 1)] == [(255,) * 3, (128,) * 3]


def test_bits_of_a_set() -> None:
    values = samples(4000)
    rules = Rules().measured([Peak("16-bit", 4000), Peak("16-bit", 3000)])
    found = decode(tiff(values), rules)
    assert found.range == (4095, MEASURED)
    assert found.peak == Peak("16-bit", 4000)
    assert np.array_equal(np.asarray(found.image), expected(values, 4095))


def test_the_whole_file_range_alone() -> None:
    values = samples(60000)
    assert decode(png(values)).range == (65535, FORMAT)
    assert np.array_equal(np.asarray(decode(png(values)).image), expected(values, 65535))


def test_alpha_of_16_bits_lies_over_black() -> None:
    values = np.zeros((1, 3, 4), np.uint16)
    values[0] = [(65535, 32896, 0, 65535), (65535, 32896, 0, 32768), (65535, 0, 0, 0)]
    found = np.asarray(decode(png(values)).image)
    assert found.tolist() == [[[255, 128, 0], [128, 64, 0], [0, 0, 0]]]
    grey = np.array([[[4095, 65535], [2048, 65535], [2048, 0]]], np.uint16)
    found = np.asarray(decode(png(grey), Rules(12)).image)
    assert found[0, :, 0].tolist() == [255, 128, 0]
    assert decode(png(grey), Rules(12)).mode == "LA;16"


def test_alpha_multiplied_into_colours_is_not_applied_twice() -> None:
    values = np.full((2, 2, 4), 32896, np.uint16)
    found = decode(tiff(values, extrasamples=(1,)), Rules(16))
    assert found.image.getpixel((0, 0)) == (128, 128, 128)


@pytest.mark.parametrize(("alpha", "reason"), [(0, "wholly transparent"), (900, "alpha up to 900")])
def test_alpha_of_no_known_range(alpha: int, reason: str) -> None:
    values = samples(4095, (5, 7, 4))
    values[..., 3] = alpha
    with pytest.raises(AmbiguousError, match=reason):
        decode(png(values), Rules(12))


def test_a_transparent_colour_is_black() -> None:
    values = samples(4095)
    values[0, 1] = (1, 2, 3)
    key = {b"tRNS": bytes([0, 1, 0, 2, 0, 3]), b"sBIT": bytes([12] * 3)}
    values[0, 1:3] = (1, 2, 3)
    found = np.asarray(decode(png(values, key)).image)
    assert not found[0, 1:3].any()
    assert np.array_equal(found[1:], expected(values, 4095)[1:])


def test_zero_is_white() -> None:
    values = samples(4095, (5, 7))
    found = decode(tiff(values, photometric_interpretation=0), Rules(12))
    assert np.array_equal(np.asarray(found.image), 255 - expected(values, 4095))
    with pytest.raises(AmbiguousError, match="inverted"):
        decode(tiff(values, photometric_interpretation=0))


def test_cmyk_of_16_bits() -> None:
    inks = np.zeros((1, 2, 4), np.uint16)
    inks[0] = [(0, 65535, 65535, 0), (0, 0, 0, 32896)]
    found = decode(tiff(inks, photometric_interpretation=5))
    assert found.mode == "CMYK;16"
    assert np.asarray(found.image).tolist() == [[[255, 0, 0], [127, 127, 127]]]


def test_floats_from_0_to_1() -> None:
    values = np.array([[0, 0.25, 0.5, 1]], np.float32)
    rules = Rules().measured([Peak(FLOAT, 1), Peak(FLOAT, 0.9)])
    assert np.asarray(decode(tiff(values), rules).image)[0, :, 0].tolist() == [0, 64, 128, 255]
    with pytest.raises(AmbiguousError, match="no other image"):
        decode(tiff(values))


def test_integers_of_32_bits() -> None:
    values = samples(4095, (5, 7))
    for kind in (np.int32, np.uint32, np.int16):
        found = decode(tiff(values.astype(kind)), Rules(12))
        assert np.array_equal(np.asarray(found.image), expected(values, 4095))


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (tiff(np.full((2, 2), -1, np.int32)), "below 0: -1"),
        (tiff(np.full((2, 2), np.nan, np.float32)), "no finite"),
        (tiff(np.full((2, 2), -0.5, np.float32)), "below 0: -0.5"),
        (tiff(np.zeros((2, 2), np.int8)), "signed samples"),
        (tiff(np.zeros((2, 2), np.float64)), "1 x 64 float bits"),
        (tiff(np.zeros((2, 2, 3), np.float32)), "3 x 32 float bits"),
        (tiff(np.zeros((2, 2, 3), np.uint8), bitspersample=(12,) * 3), "3 x 12 bits"),
        (tiff(np.zeros((2, 2, 3), np.uint16), planar_configuration=2), "separate planes"),
        (tiff(np.zeros((2, 2), np.uint16), order=">", photometric_interpretation=0), "1 x 16 bits"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_samples_that_are_not_read(file: bytes, reason: str) -> None:
    with pytest.raises(UndecodableError, match=reason):
        decode(file, Rules(16))
