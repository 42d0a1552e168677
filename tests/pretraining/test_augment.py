import numpy as np
import numpy.typing as npt

from smearflow.pretraining.augment import Views

Bytes = npt.NDArray[np.uint8]


def discs(count: int = 8) -> tuple[Bytes, Bytes]:
    """A dark spot on a bright disc on black, and the squares that the spot covers."""
    rows, columns = np.mgrid[:64, :64] - 31.5
    pixels = np.zeros((count, 64, 64, 3), np.uint8)
    pixels[:, rows**2 + columns**2 < 31**2] = (220, 180, 170)
    spot = (rows + 8) ** 2 + (columns - 12) ** 2 < 8**2
    pixels[:, spot] = (60, 20, 80)
    marks = 255 * spot.reshape(16, 4, 16, 4).mean(axis=(1, 3))
    return pixels, np.repeat(marks.astype(np.uint8)[None, ..., None], count, axis=0)


def test_views_are_pictures_of_the_size_asked_for() -> None:
    pixels, marks = discs()
    seen, seen_marks = Views(1)(pixels, marks, 48)
    assert seen.shape == (8, 48, 48, 3)
    assert seen_marks.shape == (8, 12, 12, 1)
    for values in (seen.numpy(), seen_marks.numpy()):
        assert values.min() >= 0
        assert values.max() <= 1
    assert np.ptp(seen.numpy().mean(axis=(1, 2, 3))) > 0.02  # each cell by its own


def test_marks_stay_on_what_they_mark() -> None:
    seen, marks = (each.numpy() for each in Views(2)(*discs(), 64))
    squares = seen.mean(axis=3).reshape(8, 16, 4, 16, 4)
    for pixels, mark in zip(squares, marks[..., 0], strict=True):
        cell = pixels.min(axis=(1, 3)) > 0.1  # wholly on the cell
        square = pixels.mean(axis=(1, 3))
        assert mark.max() > 0.8
        assert np.corrcoef(square[cell], mark[cell])[0, 1] < -0.8


def test_the_background_stays_black() -> None:
    black = np.zeros((4, 64, 64, 3), np.uint8)
    seen, _ = Views(3)(black, black[:, :16, :16, :1], 64)
    assert seen.numpy().max() < 0.03


def test_the_seed_decides() -> None:
    first, again, other = (Views(seed)(*discs(), 64)[0].numpy() for seed in (4, 4, 5))
    assert (first == again).all()
    assert (first != other).any()
