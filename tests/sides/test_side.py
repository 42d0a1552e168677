import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smearflow.ground.errors import SmearflowError
from smearflow.images.decode import pixels_of
from smearflow.images.stain import normalised_slides
from smearflow.sides.side import (
    Side,
    cells_of_each,
    even_steps,
    joined,
    load_side,
    patient_fraction,
    taken,
)
from smearflow.splitting.packing import decode_all, pack_side
from tests.cells.deep_files import tiff


def table_of(files: list[Path]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cell_id": [file.stem for file in files],
            "patient": [file.stem.split("P")[0] for file in files],
            "target": np.array([file.parent.name == "Parasitized" for file in files], np.int8),
        }
    )


@pytest.fixture(scope="module")
def files(cells: Path) -> list[Path]:
    return sorted(cells.glob("*/*.png"))


def pack(folder: Path, files: list[Path], table: pd.DataFrame | None = None) -> str:
    rows = table_of(files) if table is None else table
    pixels = decode_all((file.read_bytes() for file in files), 32, len(files))
    return pack_side(folder, "train", rows, pixels, 32, normalise=False)


def test_packed_sides_are_memory_mapped_and_in_order(files: list[Path], tmp_path: Path) -> None:
    pack(tmp_path, files)
    side = load_side(tmp_path, "train")
    assert isinstance(side.pixels, np.memmap)
    assert side.pixels.shape == (len(files), 32, 32, 3)
    assert side.pixels.dtype == np.uint8
    for index in (0, 100, len(files) - 1):
        assert np.array_equal(side.pixels[index], pixels_of(files[index].read_bytes(), 32))
    assert side.table["cell_id"].tolist() == [file.stem for file in files]
    assert side.targets.sum() == len(files) / 2
    assert len(set(side.patients)) == 24


def test_sides_are_joined_one_after_the_other(files: list[Path], tmp_path: Path) -> None:
    pack(tmp_path, files)
    side = load_side(tmp_path, "train")
    both = joined([side.take(np.arange(5)), side.take(np.arange(5, 9))])
    assert np.array_equal(both.pixels, side.pixels[:9])
    assert both.table.equals(side.table[:9])


def test_the_stain_of_each_patient_is_normalised(files: list[Path], tmp_path: Path) -> None:
    table = table_of(files)
    pixels = decode_all((file.read_bytes() for file in files), 32, len(files))
    pack_side(tmp_path, "train", table, pixels, 32, normalise=True)
    plain = np.stack([pixels_of(file.read_bytes(), 32) for file in files])
    wanted = normalised_slides(plain, table["patient"].tolist())
    assert (load_side(tmp_path, "train").pixels == wanted).all()
    assert (wanted != plain).any()


def test_deep_images_are_scaled_by_what_was_decided() -> None:
    file = tiff(np.full((8, 8, 3), 1000, np.uint16))
    pixels = decode_all([file, file], 4, 2, [4095, 16383])
    assert [image[0, 0, 0] for image in pixels] == [62, 16]


def test_the_hash_covers_pixels_ids_and_targets(files: list[Path], tmp_path: Path) -> None:
    few, table = files[:6], table_of(files[:6])
    original = pack(tmp_path, few)
    assert pack(tmp_path, few) == original
    changed = [
        pack(tmp_path, [*few[:5], files[9]], table),
        pack(tmp_path, few, table.assign(cell_id=table["cell_id"] + "x")),
        pack(tmp_path, few, table.assign(target=1 - table["target"])),
    ]
    assert len({original, *changed}) == 4


def test_memory_does_not_grow_with_the_number_of_images(files: list[Path], tmp_path: Path) -> None:
    peaks = []
    for copies in (20, 20, 400):  # the first run pays for what is loaded once
        many = files[:1] * copies
        table = table_of(many)
        tracemalloc.start()
        pixels = decode_all((file.read_bytes() for file in many), 64, copies)
        pack_side(tmp_path, "train", table, pixels, 64, normalise=False)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] - peaks[1] < 380 * 64 * 64 * 3 / 10


def test_take(files: list[Path], tmp_path: Path) -> None:
    pack(tmp_path, files)
    side = load_side(tmp_path, "train")
    taken = side.take(np.array([7, 3]))
    assert np.array_equal(taken.pixels, side.pixels[[7, 3]])
    assert taken.table["cell_id"].tolist() == [files[7].stem, files[3].stem]
    assert taken.table.index.tolist() == [0, 1]


def test_array_and_table_of_different_length(files: list[Path], tmp_path: Path) -> None:
    pack(tmp_path, files[:4])
    (tmp_path / "train.npy").rename(tmp_path / "kept.npy")
    pack(tmp_path, files[:3])
    (tmp_path / "kept.npy").rename(tmp_path / "train.npy")
    with pytest.raises(SmearflowError, match="4 images and 3 rows"):
        load_side(tmp_path, "train")


def rows_of(patients: list[int], targets: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"patient": [f"lab/{n}" for n in patients], "target": targets})


@given(
    cells=st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 1)), min_size=2, max_size=60
    ).filter(lambda cells: len({target for _, target in cells}) == 2),
    fractions=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)).map(sorted),
    salt=st.text(max_size=5),
)
def test_fractions_are_nested_whole_patients_of_both_classes(
    cells: list[tuple[int, int]], fractions: list[float], salt: str
) -> None:
    table = rows_of([patient for patient, _ in cells], [target for _, target in cells])
    small, large = (patient_fraction(table, fraction, salt) for fraction in fractions)
    assert set(small) <= set(large)
    chosen = set(table["patient"][small])
    assert small.tolist() == [n for n, name in enumerate(table["patient"]) if name in chosen]
    assert set(table["target"][small]) == {0, 1}


def test_fractions_count_patients() -> None:
    table = rows_of([n for n in range(50) for _ in range(4)], [0, 1] * 100)
    for fraction, patients in ((0.02, 1), (0.2, 10), (0.5, 25), (0.51, 26), (1.0, 50)):
        assert len(set(table["patient"][patient_fraction(table, fraction, "a")])) == patients
    a, b = (set(patient_fraction(table, 0.2, salt)) for salt in "ab")
    assert a != b


def test_fraction_of_a_single_class() -> None:
    with pytest.raises(SmearflowError, match="no cell of target 1"):
        patient_fraction(rows_of([1, 2], [0, 0]), 0.5, "a")


@given(
    cells=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1)), min_size=1, max_size=200),
    most=st.integers(1, 30),
)
def test_cells_of_each_patient_keep_the_shares_of_their_classes(
    cells: list[tuple[int, int]], most: int
) -> None:
    table = rows_of([patient for patient, _ in cells], [target for _, target in cells])
    chosen = cells_of_each(table, most)
    assert (np.diff(chosen) > 0).all()
    for patient in set(table["patient"]):
        own = table["patient"] == patient
        taken = table.iloc[chosen[own[chosen]]]
        assert len(taken) == min(most, own.sum())
        assert abs(taken["target"].mean() - table["target"][own].mean()) <= 1 / len(taken)


@given(
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    chosen=st.sets(st.integers(0, 14), min_size=1),
)
def test_some_cells_are_taken_of_several_sides(lengths: list[int], chosen: set[int]) -> None:
    sides = [
        Side(
            np.full((length, 1, 1, 3), number, np.uint8),
            pd.DataFrame({"cell_id": [f"{number}/{cell}" for cell in range(length)]}),
        )
        for number, length in enumerate(lengths)
    ]
    places = np.array(sorted(place for place in chosen if place < sum(lengths)), int)
    assume(places.size)
    some, every = taken(sides, places), joined(sides)
    assert some.table["cell_id"].tolist() == every.table["cell_id"].iloc[places].tolist()
    assert np.array_equal(some.pixels, every.pixels[places])


def test_a_side_alone_and_whole_stays_mapped(files: list[Path], tmp_path: Path) -> None:
    pack(tmp_path, files)
    side = load_side(tmp_path, "train")
    assert taken([side, side], np.arange(len(files))) is side


@given(st.integers(1, 500), st.integers(1, 500))
def test_spread_takes_different_cells_from_end_to_end(cells: int, count: int) -> None:
    indices = even_steps(cells, count)
    assert len(set(indices)) == min(cells, count)
    assert indices.min() == 0
    assert indices.max() == (cells - 1 if count > 1 else 0)
