import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smearflow.images.stain import (
    REFERENCE,
    normalised,
    normalised_slides,
    own_stain,
    slide_stains,
)

SIDE = 32
COLOUR = np.round(256 * 10 ** -np.array(REFERENCE) - 1)  # of a cell of the usual stain


def cell(colour: np.ndarray | tuple[float, ...], ground: int = 0) -> np.ndarray:
    """A disc of one colour with a darker spot, on a ground."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    image = np.full((SIDE, SIDE, 3), ground, np.uint8)
    image[rows**2 + columns**2 < (0.46 * SIDE) ** 2] = np.round(colour)
    image[14:18, 10:14] = np.round(np.array(colour) * 0.6)
    return image


@pytest.mark.parametrize("ground", [0, 250])
def test_a_cell_tells_its_own_colour_on_any_ground(ground: int) -> None:
    assert own_stain(cell(COLOUR, ground)) == pytest.approx(REFERENCE, abs=0.002)


@given(
    strengths=st.tuples(*[st.floats(0.5, 2.0)] * 3),
    ground=st.sampled_from([0, 250]),
)
@settings(deadline=None, max_examples=40)
def test_whatever_the_stain_the_usual_cell_comes_out(
    strengths: tuple[float, ...], ground: int
) -> None:
    stained = 256 * 10 ** -(np.array(REFERENCE) * strengths) - 1
    slide = np.stack([cell(stained, ground)] * 3)
    found = normalised(slide, own_stain(slide[0]))
    assert np.abs(found[0, SIDE // 2, SIDE // 2].astype(float) - COLOUR).max() <= 2


def test_what_was_cut_away_stays_black_and_white_stays_white() -> None:
    image = cell((120.0, 80.0, 140.0))
    image[0, 0] = 255
    (found,) = normalised(image[np.newaxis], own_stain(image))
    assert (found[0, 1] == 0).all()
    assert (found[0, 0] == 255).all()


def test_darker_stays_darker() -> None:
    levels = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 16, 16, 3)
    found = normalised(levels, np.array([0.05, 0.3, 0.9])).reshape(256, 3).astype(int)
    assert (np.diff(found, axis=0) >= 0).all()


@pytest.mark.parametrize("colour", [(255.0, 255.0, 255.0), (0.0, 0.0, 0.0)])
def test_what_is_no_cell_is_not_torn_apart(colour: tuple[float, ...]) -> None:
    image = np.full((1, SIDE, SIDE, 3), colour, np.uint8)
    assert np.isfinite(own_stain(image[0])).all()
    assert (normalised(image, own_stain(image[0])) == image).all()


def test_slides_are_normalised_by_themselves_in_any_order() -> None:
    pale, dark = (np.stack([cell(COLOUR * share)] * 3) for share in (1.2, 0.6))
    mixed = np.stack([pale[0], dark[0], pale[1], dark[1]])
    found = normalised_slides(mixed, ["a", "b", "a", "b"])
    assert (found[0] == normalised(pale[:1], own_stain(pale[0]))[0]).all()
    assert (found[1] == normalised(dark[:1], own_stain(dark[0]))[0]).all()
    assert normalised_slides(mixed[:0], []).shape == (0, SIDE, SIDE, 3)


def test_the_usual_cell_of_a_slide_is_the_median() -> None:
    stains = [np.array([1.0, 2.0, 3.0]) * factor for factor in (1, 1, 1, 9)]
    ((places, usual),) = slide_stains(stains, ["one"] * 4)
    assert places.tolist() == [0, 1, 2, 3]
    assert usual.tolist() == [1.0, 2.0, 3.0]
