import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from smearflow.cells.duplicates import NEAR, perceptual_hash, pixel_hash, twins
from smearflow.cells.files import cell_files
from smearflow.images.decode import decode
from smearflow.sample.writing import write_sample
from tests.material import CLASSES, cell_image


def jpeg(image: Image.Image) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=85)
    return Image.open(stream)


def distance(first: str, second: str) -> int:
    return (int(first, 16) ^ int(second, 16)).bit_count()


def test_pixels_are_the_same_whatever_file_held_them() -> None:
    image = cell_image(np.random.default_rng(1), parasitized=True)
    stream = io.BytesIO()
    image.save(stream, "BMP")
    assert pixel_hash(Image.open(stream)) == pixel_hash(image)
    turned = Image.fromarray(np.asarray(image).reshape(-1, 1, 3))  # same bytes, another shape
    assert pixel_hash(turned) != pixel_hash(image)


def test_altered_images_are_near_and_others_are_not(tmp_path: Path) -> None:
    write_sample(tmp_path / "cells", CLASSES, 4, 24, 1)
    images = [decode(file.read_bytes())[0] for file in cell_files(tmp_path / "cells")]
    hashes = [perceptual_hash(image) for image in images]
    assert {len(each) for each in hashes} == {64}
    for image, own in zip(images, hashes, strict=True):
        small = image.resize((image.width * 9 // 10, image.height * 9 // 10))
        bright = image.point(lambda value: min(255, value * 1.05))
        for altered in (jpeg(image), small, bright):
            assert distance(perceptual_hash(altered), own) <= NEAR
    assert all(distance(*pair) > 2 * NEAR for pair in itertools.combinations(hashes, 2))


def hash_with(*bits: int) -> str:
    return f"{sum(1 << bit for bit in bits):064x}"


@pytest.mark.parametrize(
    ("hashes", "groups", "expected"),
    [
        ([], [], []),
        ([hash_with(1)], ["a"], [-1]),
        ([hash_with(1), hash_with(1)], ["a", "a"], [-1, -1]),
        ([hash_with(1), hash_with(1)], ["a", "b"], [1, 0]),
        ([hash_with(1), hash_with(1, 2, 3), hash_with(1, 2)], ["a", "b", "b"], [2, 0, 0]),
        ([hash_with(*range(10)), hash_with()], ["a", "b"], [1, 0]),
        ([hash_with(*range(11)), hash_with()], ["a", "b"], [-1, -1]),
    ],
)
def test_twins(hashes: list[str], groups: list[str], expected: list[int]) -> None:
    assert twins(np.array(hashes, object), np.array(groups, object), turned=-1).tolist() == expected


TURNS = (None, *Image.Transpose)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> list[Image.Image]:
    folder = tmp_path_factory.mktemp("rendered") / "cells"
    write_sample(folder, CLASSES, 4, 24, 1)
    return [decode(file.read_bytes())[0] for file in cell_files(folder)]


@pytest.mark.parametrize("turn", TURNS)
def test_a_cell_is_found_however_it_was_turned(
    rendered: list[Image.Image], turn: Image.Transpose | None
) -> None:
    copies = [jpeg(image if turn is None else image.transpose(turn)) for image in rendered]
    hashes = np.array([perceptual_hash(image) for image in [*rendered, *copies]])
    count = len(rendered)
    found = twins(hashes, np.repeat(["own", "copies"], count))
    assert found.tolist() == [*range(count, 2 * count), *range(count)]
    others = twins(hashes[:count], np.arange(count))
    assert (others == -1).all()
    if turn is not None:
        assert (twins(hashes, np.repeat([1, 2], count), turned=-1) == -1).all()


def turned_bits(number: int, turn: int) -> int:
    """A hash of 256 bits as it is of the image in one of eight orientations."""
    bits = np.array([number >> (255 - at) & 1 for at in range(256)]).reshape(16, 16)
    odd = np.arange(16) % 2
    bits = bits ^ (odd[:, None] * (turn & 1)) ^ (odd[None, :] * (turn >> 1 & 1))
    return int("".join(map(str, (bits.T if turn & 4 else bits).ravel())), 2)


@given(
    st.lists(
        st.tuples(st.integers(0, 2**256 - 1), st.integers(0, 7), st.integers(0, 2**12 - 1)),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 12),
    st.integers(0, 12),
)
def test_the_nearest_orientation_that_counts_is_the_one(
    drawn: list[tuple[int, int, int]], most: int, turned: int
) -> None:
    numbers = [number for number, _, _ in drawn]
    numbers += [turned_bits(number, turn) ^ noise for number, turn, noise in drawn]
    groups = np.repeat([0, 1], len(drawn))
    found = twins(np.array([f"{each:064x}" for each in numbers], object), groups, most, turned)
    for own, number in enumerate(numbers):
        near = {}
        for other, second in enumerate(numbers):
            if groups[other] != groups[own]:
                bits = [(number ^ turned_bits(second, turn)).bit_count() for turn in range(8)]
                allowed = [bits[0]] * (bits[0] <= most) + [
                    each for each in bits[1:] if each <= turned
                ]
                if allowed:
                    near[other] = min(allowed)
        expected = min(near, key=lambda other: (near[other], other)) if near else -1
        assert found[own] == expected


@given(
    st.lists(st.tuples(st.integers(0, 2**16 - 1), st.sampled_from("ab")), max_size=8),
    st.integers(0, 16),
)
def test_a_twin_is_the_nearest_of_another_group(drawn: list[tuple[int, str]], most: int) -> None:
    numbers, groups = [number for number, _ in drawn], [group for _, group in drawn]
    hashes = np.array([f"{each:064x}" for each in numbers], object)
    found = twins(hashes, np.array(groups), most, turned=-1)
    for own, (number, group) in enumerate(drawn):
        distances = [
            (number ^ other).bit_count() if groups[index] != group else 999
            for index, other in enumerate(numbers)
        ]
        nearest = min(distances)
        assert found[own] == (distances.index(nearest) if nearest <= most else -1)


def test_real_cells_of_different_patients_are_no_twins(real_cells: Path) -> None:
    files = sorted(real_cells.glob("*/*.png"))[::12]
    hashes = [perceptual_hash(decode(file.read_bytes())[0]) for file in files]
    patients = np.array([file.name.split("_")[0].split("P")[0] for file in files])
    assert (twins(np.array(hashes), patients) == -1).all()
