import numpy as np
import pytest

from smearflow.assessment.occlusion import PLACES, cells_to_explain, occlusion_maps, patch_side


def spotted(size: int, row: int, column: int) -> np.ndarray:
    """A pink cell on black with one dark spot, and the spot's place in shares of the side."""
    pixels = np.zeros((size, size, 3), np.uint8)
    pixels[size // 10 : -size // 10, size // 10 : -size // 10] = (220, 160, 170)
    pixels[row : row + 4, column : column + 4] = (90, 30, 120)
    return pixels


def darkness(pixels: np.ndarray) -> np.ndarray:
    """A model that calls a cell positive by its spots, of a blue that neither black nor pink is."""
    spot = (pixels[..., 2] > 100) & (pixels[..., 0] < 120)
    return (spot.mean(axis=(1, 2)) * len(pixels[0]) ** 2 / 16).astype(np.float32)


@pytest.mark.parametrize("size", [32, 64, 97])
def test_hiding_what_counts_lowers_the_probability(size: int) -> None:
    row, column = size // 3, size * 2 // 3
    seen: list[int] = []

    def score(pixels: np.ndarray) -> np.ndarray:
        seen.append(len(pixels))
        return darkness(pixels)

    cells = np.stack([spotted(size, row, column), spotted(size, column, row)])
    found, other = occlusion_maps(cells, score)
    assert found.shape == (PLACES, PLACES)
    assert found.max() > 0.5
    assert found.min() == 0
    assert np.array_equal(other, found.T)
    top, left = np.unravel_index(found.argmax(), found.shape)
    step = (size - patch_side(size)) / (PLACES - 1)
    for start, place in ((top * step, row), (left * step, column)):
        assert start - 1 <= place <= start + patch_side(size) + 1
    assert seen == [2 * (PLACES**2 + 1)]


def test_the_ground_around_the_cell_stays_as_it_is() -> None:
    pixels = spotted(64, 20, 30)
    seen: list[np.ndarray] = []

    def score(images: np.ndarray) -> np.ndarray:
        seen.append(images)
        return darkness(images)

    occlusion_maps(pixels[None], score)
    (images,) = seen
    ground = (pixels == 0).all(axis=2)
    assert (images[:, ground] == 0).all()
    assert (images[0] == pixels).all()
    changed = (images != pixels).any(axis=3).sum(axis=(1, 2))
    assert changed.max() == 16  # the spot: all else has the patch's colour already


def test_an_image_without_a_cell_is_no_error() -> None:
    assert (occlusion_maps(np.zeros((1, 32, 32, 3), np.uint8), darkness) == 0).all()


def test_mistakes_and_borderline_cells_are_chosen_once() -> None:
    targets = np.array([1, 1, 1, 0, 0, 0] * 10, np.int8)
    probabilities = np.tile([0.9, 0.01, 0.38, 0.1, 0.97, 0.41], 10).astype(np.float32)
    probabilities[0] = 0.405
    found = cells_to_explain(targets, probabilities, 0.4)
    reasons = [each.reason for each in found]
    assert [reasons.count(each) for each in ("false negative", "false positive", "borderline")] == [
        4,
        4,
        8,
    ]
    indices = [each.index for each in found]
    assert len(set(indices)) == 16
    for each in found:
        called = probabilities[each.index] >= 0.4
        if each.reason != "borderline":
            assert called == (each.reason == "false positive")
            assert called != (targets[each.index] == 1)
    assert indices[8] == 0


def test_few_cells_are_all_there_is() -> None:
    found = cells_to_explain(np.array([1, 0], np.int8), np.array([0.1, 0.2], np.float32), 0.5)
    assert [(each.index, each.reason) for each in found] == [
        (0, "false negative"),
        (1, "borderline"),
    ]
