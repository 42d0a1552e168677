from pathlib import Path

import numpy as np
import pytest

from smearflow.model.batches import (
    as_tensor,
    batch_count,
    evaluation_batches,
    evaluation_features,
    jitter,
    paint_ground,
    training_batches,
    training_features,
    turn,
)
from smearflow.params.model import Configuration
from smearflow.sides.side import Side
from tests.toy_sides import toy_side


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
    configuration = Configuration(batch_size=10, epochs=3, augment=augment)
    batches = list(training_batches(side, configuration, seed).as_numpy_iterator())
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


def test_mapped_pixels_stay_where_they_are(side: Side, tmp_path: Path) -> None:
    np.save(tmp_path / "pixels.npy", side.pixels)
    mapped = Side(np.load(tmp_path / "pixels.npy", mmap_mode="c"), side.table)
    for ours, theirs in zip(epochs_of(mapped), epochs_of(side), strict=True):
        assert all((a == b).all() for (a, _), (b, _) in zip(ours, theirs, strict=True))
    tensor = as_tensor(mapped.pixels)
    mapped.pixels[0, 0, 0, 0] ^= 255  # seen through the tensor: it is the same memory
    assert tensor.numpy()[0, 0, 0, 0] == mapped.pixels[0, 0, 0, 0]
    assert (np.load(tmp_path / "pixels.npy") == side.pixels).all()


def test_an_array_that_tensorflow_cannot_take_over_is_copied() -> None:
    array = np.arange(100, dtype=np.uint8)
    array.flags.writeable = False
    for given in (array, array[1:], np.arange(100, dtype=np.uint8)[1:]):
        assert (as_tensor(given).numpy() == given).all()


def test_evaluation_keeps_the_order(side: Side) -> None:
    ((pixels, targets),) = evaluation_batches(side).as_numpy_iterator()
    assert (pixels == side.pixels).all()
    assert (targets == side.targets).all()


def test_features_are_read_in_the_order_of_the_pixels(side: Side) -> None:
    configuration = Configuration(batch_size=10, epochs=2)
    turned = np.stack([turn(side.pixels, np.full(24, code, np.uint8)).numpy() for code in range(8)])
    features = turned.reshape(8, 24, -1).astype(np.float32)
    pixels = training_batches(side, configuration, 3).as_numpy_iterator()
    known = training_features(features, side.targets, configuration, 3).as_numpy_iterator()
    for (images, answers), (vectors, targets) in zip(pixels, known, strict=True):
        assert (images.reshape(len(images), -1) == vectors).all()
        assert (answers == targets).all()
    ((vectors, targets),) = evaluation_features(features[0], side).as_numpy_iterator()
    assert (vectors == features[0]).all()
    assert (targets == side.targets).all()


def test_the_eight_symmetries_are_those_of_the_square() -> None:
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    turned = turn(np.stack([image] * 8), np.arange(8, dtype=np.uint8)).numpy()
    rotated = [np.rot90(image, quarter) for quarter in range(4)]
    square = {view.tobytes() for view in (*rotated, *(view[:, ::-1] for view in rotated))}
    assert (turned[0] == image).all()
    assert {view.tobytes() for view in turned} == square
    assert len(square) == 8


def test_jitter_changes_stain_and_light_but_not_what_was_cut_away() -> None:
    pixels = np.full((200, 2, 2, 3), (200, 120, 60), np.uint8)
    pixels[:, 0, 0] = 0
    changed = jitter(pixels, 0.2, 0.1, np.array([1, 2], np.int32)).numpy()
    assert (changed[:, 0, 0] == 0).all()
    cell = changed[:, 1, 1].astype(float)
    assert (changed[:, 1] == changed[:, 1, :1]).all()  # one change for all of an image
    expected = 256 * (np.array([201, 121, 61]) / 256)
    strongest = np.exp(0.2) * -np.log(expected / 256) + 0.1
    weakest = np.exp(-0.2) * -np.log(expected / 256) - 0.1
    assert (cell + 1 > 256 * np.exp(-strongest) - 1).all()
    assert (cell + 1 < 256 * np.exp(-weakest) + 1).all()
    assert cell.std(axis=0).min() > 3
    red, blue = np.log(cell[:, 0] + 1), np.log(cell[:, 2] + 1)
    assert abs(np.corrcoef(red, blue)[0, 1]) < 0.6  # channels have factors of their own


def test_jitter_of_no_strength_changes_nothing() -> None:
    pixels = np.arange(256 * 3, dtype=np.int64).reshape(1, 16, 16, 3).astype(np.uint8)
    assert (jitter(pixels, 0.0, 0.0, np.array([1, 2], np.int32)).numpy() == pixels).all()


def test_each_batch_has_a_jitter_of_its_own_and_the_seed_decides_it(side: Side) -> None:
    same = Side(np.repeat(side.pixels[:1], 24, axis=0), side.table)
    configuration = Configuration(
        batch_size=1, epochs=1, augment=False, stain_jitter=0.3, brightness_jitter=0.3
    )

    def images(seed: int) -> list[bytes]:
        batches = training_batches(same, configuration, seed).as_numpy_iterator()
        return [pixels.tobytes() for pixels, _ in batches]

    assert len(set(images(1))) == 24
    assert images(1) == images(1)
    assert not set(images(1)) & set(images(2))


def cut_out() -> np.ndarray:
    """Grey cells of levels 100, 101, ... that fill the middle half of a black image."""
    pixels = np.zeros((40, 16, 16, 3), np.uint8)
    pixels[:, 4:12, 4:12] = (100 + np.arange(40))[:, None, None, None]
    return pixels


def test_cells_keep_their_pixels_on_a_painted_ground() -> None:
    before = cut_out()
    after = paint_ground(before, 0.5, np.array([1, 2], np.int32)).numpy()
    cell = np.asarray(before.any(axis=3))
    assert (after[cell] == before[cell]).all()
    painted = np.asarray(after != before).any(axis=(1, 2, 3))
    assert 10 < painted.sum() < 30
    ground = np.where(cell[painted][..., None], np.uint8(0), after[painted])
    lightest = ground.max(axis=(1, 2))
    assert (lightest > 170).all()  # glass
    neighbours = ((ground > 0) & (ground < 150)).any(axis=(1, 2, 3))
    assert 0 < neighbours.sum() < painted.sum()


def test_the_seed_decides_what_is_painted() -> None:
    def paint(seed: int) -> bytes:
        return paint_ground(cut_out(), 0.5, np.array([1, seed], np.int32)).numpy().tobytes()

    assert paint(1) == paint(1)
    assert paint(1) != paint(2)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_all_or_none_are_painted(share: float) -> None:
    before = cut_out()
    after = paint_ground(before, share, np.array([3, 4], np.int32)).numpy()
    assert (np.asarray(after != before).any(axis=(1, 2, 3)) == bool(share)).all()


@pytest.mark.parametrize(("cells", "size", "count"), [(1, 64, 1), (64, 64, 1), (65, 64, 2)])
def test_batch_count(cells: int, size: int, count: int) -> None:
    assert batch_count(cells, size) == count
