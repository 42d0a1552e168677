from pathlib import Path

import numpy as np
import pytest

from smearflow.cells.arrays import Side
from smearflow.model.batches import batch_count, evaluation_batches, training_batches, turn
from tests.sides import toy_side


@pytest.fixture(scope="module")
def side() -> Side:
    return toy_side(patients=3, per_class=4)


def rows_of(side: Side, pixels: np.ndarray) -> list[int]:
    """Which cells these are, whichever way up."""
    sums = side.pixels.sum(axis=(1, 2), dtype=np.int64).tolist()
    return [sums.index(total) for total in pixels.sum(axis=(1, 2), dtype=np.int64).tolist()]


def epochs_of(
    side: Side, *, seed: int = 1, augment: bool = True
) -> list[list[tuple[np.ndarray, np.ndarray]]]:
    batches = list(training_batches(side, 10, seed, augment=augment, epochs=3).as_numpy_iterator())
    return [batches[start : start + 3] for start in range(0, len(batches), 3)]


def test_each_epoch_has_every_cell_once_with_its_target(side: Side) -> None:
    for epoch in epochs_of(side):
        assert [len(targets) for _, targets in epoch] == [10, 10, 4]
        rows = rows_of(side, np.concatenate([pixels for pixels, _ in epoch]))
        assert sorted(rows) == list(range(24))
        assert side.targets[rows].tolist() == np.concatenate([t for _, t in epoch]).tolist()


def test_epochs_differ_in_order_and_symmetry(side: Side) -> None:
    first, second, _ = (np.concatenate([pixels for pixels, _ in e]) for e in epochs_of(side))
    assert rows_of(side, first) != rows_of(side, second)
    upright = sum((image == side.pixels).all(axis=(1, 2, 3)).any() for image in first)
    assert upright < 12  # one in eight is to be expected


def test_seed_decides_everything(side: Side) -> None:
    def pixels(seed: int) -> np.ndarray:
        return np.concatenate([p for epoch in epochs_of(side, seed=seed) for p, _ in epoch])

    assert (pixels(1) == pixels(1)).all()
    assert (pixels(1) != pixels(2)).any()


def test_without_augmentation_images_stay_as_they_are(side: Side) -> None:
    for pixels, _ in epochs_of(side, augment=False)[0]:
        assert (pixels == side.pixels[rows_of(side, pixels)]).all()


def test_mapped_pixels_are_read_and_never_written(side: Side, tmp_path: Path) -> None:
    np.save(tmp_path / "pixels.npy", side.pixels)
    mapped = Side(np.load(tmp_path / "pixels.npy", mmap_mode="r"), side.table)
    for ours, theirs in zip(epochs_of(mapped), epochs_of(side), strict=True):
        assert all((a == b).all() for (a, _), (b, _) in zip(ours, theirs, strict=True))


def test_evaluation_keeps_the_order(side: Side) -> None:
    ((pixels, targets),) = evaluation_batches(side).as_numpy_iterator()
    assert (pixels == side.pixels).all()
    assert (targets == side.targets).all()


def test_the_eight_symmetries_are_those_of_the_square() -> None:
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    turned = np.stack([image] * 8)
    turn(turned, np.arange(8))
    rotated = [np.rot90(image, quarter) for quarter in range(4)]
    square = {view.tobytes() for view in (*rotated, *(view[:, ::-1] for view in rotated))}
    assert (turned[0] == image).all()
    assert {view.tobytes() for view in turned} == square
    assert len(square) == 8


@pytest.mark.parametrize(("cells", "size", "count"), [(1, 64, 1), (64, 64, 1), (65, 64, 2)])
def test_batch_count(cells: int, size: int, count: int) -> None:
    assert batch_count(cells, size) == count
