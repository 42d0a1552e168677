"""Whole fields of view: read with all bits, stored as PNG with all bits."""

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from smearflow.images.decode import UndecodableError, decode
from smearflow.images.ranges import Rules
from smearflow.images.samples import read_samples
from smearflow.intake.boxes.fields import LARGEST_FIELD, read_field
from smearflow.intake.boxes.png import encode_png
from tests.cells.deep_files import pages, png, tiff
from tests.images.test_decode import bomb, encoded

SHAPES = st.sampled_from([(1, 1), (3, 5), (4, 1, 3), (5, 3, 3)])
SAMPLES = st.tuples(st.sampled_from([np.uint8, np.uint16]), SHAPES).flatmap(
    lambda drawn: arrays(drawn[0], drawn[1])
)


@given(SAMPLES)
def test_png_keeps_every_bit(samples: np.ndarray) -> None:
    file = encode_png(samples)
    if samples.dtype == np.uint16:
        assert (read_samples(file).values == samples).all()
    else:
        assert (np.asarray(Image.open(io.BytesIO(file))) == samples).all()
    assert file == encode_png(samples[::-1][::-1])  # whatever the strides


def deep(white: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, white + 1, shape).astype(np.uint16)


@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 3)])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("white", [1023, 65535])
def test_deep_samples_stay_as_they_are(shape: tuple[int, ...], order: Any, white: int) -> None:
    samples = deep(white, *shape)
    for file in (tiff(samples, order=order), png(samples)):
        field = read_field(file)
        assert field.samples.dtype == np.uint16
        assert (field.samples == samples).all()
        assert field.bits is None


def test_a_tag_goes_with_the_samples() -> None:
    samples = deep(4095, 6, 8, 3)
    field = read_field(tiff(samples, tag_281=(4095,) * 3))
    assert field.bits == 12
    part = encode_png(field.samples[2:5, 1:4] // 9, field.bits)
    assert read_samples(part).tagged == 4095  # however dark it is
    with pytest.raises(UndecodableError, match="above the largest its tags allow"):
        read_field(tiff(samples + 200, tag_281=(4095,) * 3))


def test_opaque_alpha_is_no_obstacle() -> None:
    samples = deep(65535, 6, 8, 4)
    samples[..., 3] = 65535
    assert (read_field(png(samples)).samples == samples[..., :3]).all()
    assert (read_field(png(samples[..., 2:])).samples == samples[..., 2]).all()


@pytest.mark.parametrize(
    "file",
    [
        tiff(np.random.default_rng(1).random((6, 8)).astype(np.float32)),
        tiff(deep(65535, 6, 8).astype(np.int32)),
        png(deep(65535, 6, 8, 4)),
        tiff(deep(65535, 6, 8), photometric_interpretation=0),
    ],
    ids=["floats", "32 bits", "alpha", "0 is white"],
)
def test_what_png_does_not_hold_is_said(file: bytes) -> None:
    with pytest.raises(UndecodableError, match="can't be cut without loss: store it as"):
        read_field(file)


def test_three_grey_pages_are_colours() -> None:
    planes = [Image.fromarray(deep(255, 6, 8).astype(np.uint8)) for _ in range(3)]
    planes[1] = planes[1].rotate(180)
    field = read_field(pages(*planes))
    assert (field.samples[..., 1] == np.asarray(planes[1])).all()


def test_a_field_may_be_larger_than_a_cell_but_no_bomb() -> None:
    wide = encoded(Image.new("L", (4097, 2), 7))
    assert read_field(wide).samples.shape == (2, 4097, 3)
    with pytest.raises(UndecodableError, match="more than 4096 a side"):
        decode(wide)
    for file in (bomb(), encoded(Image.new("1", (2, LARGEST_FIELD + 1)))):
        with pytest.raises(UndecodableError, match="more than 20000 a side"):
            read_field(file)


@pytest.mark.parametrize("form", ["deep", "colour planes", "animation"])
def test_the_larger_bound_holds_for_all_ways_to_store_pixels(form: str) -> None:
    width = 4097
    file = {
        "deep": tiff(np.full((2, width, 3), 40_000, np.uint16)),
        "colour planes": pages(*(_striped(width, number) for number in range(3))),
        "animation": pages(_striped(width, 0), _striped(width, 1), format="GIF"),
    }[form]
    assert read_field(file).samples.shape[:2] == (2, width)
    with pytest.raises(UndecodableError, match="more than 4096 a side"):
        decode(file, Rules(16))


def _striped(width: int, number: int) -> Image.Image:
    stripes = np.zeros((2, width), np.uint8)
    stripes[:, number::2] = 200
    return Image.fromarray(stripes)
