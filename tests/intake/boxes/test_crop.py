"""Cells cut out of fields: which pixels, and how they are stored."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from smearflow.ground.errors import SmearflowError
from smearflow.images.decode import decode
from smearflow.images.ranges import Rules
from smearflow.images.samples import read_samples
from smearflow.intake.boxes.crop import crops
from smearflow.intake.boxes.fields import read_field
from smearflow.intake.listing import Box, Listed
from tests.cells.deep_files import tiff
from tests.intake.boxes.material import HEIGHT, WIDTH, field_pixels, write_field


def listed(file: Path, *boxes: Box) -> list[Listed]:
    return [
        Listed(f"{file.stem}/{at:04d}.png", file, "rbc", box=box) for at, box in enumerate(boxes)
    ]


def pixels(file: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(file))
    assert (image.format, image.info) == ("PNG", {})
    return np.asarray(image)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("fields") / "1.png"
    write_field(file)
    return file


@pytest.mark.parametrize(
    ("box", "columns", "rows"),
    [
        (Box(10, 20, 40, 60), (10, 39), (20, 59)),
        (Box(0, 0, WIDTH, HEIGHT), (0, WIDTH - 1), (0, HEIGHT - 1)),
        (Box(9.99997, 20.00003, 40.00001, 59.9999), (10, 39), (20, 59)),
        (Box(9.5, 20.5, 39.5, 60.5), (10, 39), (21, 60)),
        (Box(9.49, 20.51, 39.49, 60.51), (9, 38), (21, 60)),
        (Box(WIDTH - 1, HEIGHT - 1, WIDTH, HEIGHT), (WIDTH - 1,) * 2, (HEIGHT - 1,) * 2),
    ],
)
def test_exactly_these_pixels(
    field: Path, box: Box, columns: tuple[int, int], rows: tuple[int, int]
) -> None:
    (file,) = crops(listed(field, box))
    found = pixels(file)
    assert (found[0, :, 0] == np.arange(columns[0], columns[1] + 1)).all()
    assert (found[:, 0, 1] == np.arange(rows[0], rows[1] + 1)).all()
    assert found.shape == (rows[1] - rows[0] + 1, columns[1] - columns[0] + 1, 3)


@given(st.floats(0, WIDTH - 1), st.floats(0, HEIGHT - 1), st.floats(1, WIDTH), st.floats(1, HEIGHT))
def test_no_box_of_a_pixel_or_more_is_empty(
    field: Path, left: float, top: float, width: float, height: float
) -> None:
    box = Box(left, top, min(left + width, WIDTH), min(top + height, HEIGHT))
    (file,) = crops(listed(field, box))
    found = pixels(file)
    assert found.size
    assert abs(found.shape[1] - (box.right - left)) <= 1
    assert abs(found.shape[0] - (box.bottom - top)) <= 1


def test_the_same_bytes_on_every_run_and_whatever_the_file_says_of_itself(tmp_path: Path) -> None:
    box = Box(3, 4, 50, 60)
    write_field(tmp_path / "1.png")
    write_field(tmp_path / "2.png", orientation=6)
    image = Image.open(tmp_path / "1.png")
    image.save(tmp_path / "3.png", icc_profile=b"profile", dpi=(300, 300), compress_level=1)
    found = [next(crops(listed(tmp_path / f"{name}.png", box))) for name in (1, 2, 3, 1)]
    assert len(set(found)) == 1


def test_a_cell_is_what_decoding_the_field_gives(tmp_path: Path) -> None:
    image = Image.fromarray(field_pixels()).convert("P")
    image.save(tmp_path / "1.gif")
    whole = np.asarray(decode((tmp_path / "1.gif").read_bytes()).image)
    (file,) = crops(listed(tmp_path / "1.gif", Box(3, 4, 50, 60)))
    assert (np.asarray(decode(file).image) == whole[4:60, 3:50]).all()


@pytest.mark.parametrize("shape", [(HEIGHT, WIDTH), (HEIGHT, WIDTH, 3)])
def test_deep_fields_keep_their_samples(tmp_path: Path, shape: tuple[int, ...]) -> None:
    samples = np.random.default_rng(1).integers(0, 4096, shape).astype(np.uint16)
    box, part = Box(3, 4, 50, 60), samples[4:60, 3:50]
    for name, file in {
        "plain": tiff(samples),
        "tagged": tiff(samples, tag_281=(4095,) * (len(shape) * 2 - 3)),
    }.items():
        (tmp_path / f"{name}.tif").write_bytes(file)
        (cell,) = crops(listed(tmp_path / f"{name}.tif", box))
        assert (read_samples(cell).values == part).all()
        bits = None if name == "tagged" else 12
        whole = np.asarray(decode(file, Rules(bits)).image)[4:60, 3:50]
        assert (np.asarray(decode(cell, Rules(bits)).image) == whole).all()


def test_deep_fields_that_would_lose_something(tmp_path: Path) -> None:
    (tmp_path / "1.tif").write_bytes(tiff(np.zeros((HEIGHT, WIDTH), np.float32)))
    with pytest.raises(SmearflowError, match="can't be cut without loss: store it as") as caught:
        next(crops(listed(tmp_path / "1.tif", Box(0, 0, 9, 9))))
    assert "\n" not in str(caught.value)


def test_a_damaged_field(tmp_path: Path) -> None:
    write_field(tmp_path / "1.png")
    whole = (tmp_path / "1.png").read_bytes()
    (tmp_path / "1.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SmearflowError, match=r"1\.png: damaged"):
        next(crops(listed(tmp_path / "1.png", Box(0, 0, 9, 9))))


@pytest.mark.parametrize("box", [Box(0, 0, WIDTH + 1, 9), Box(-2, 0, 9, 9), Box(5, 95, 9, 99)])
def test_a_box_out_of_the_field(field: Path, box: Box) -> None:
    with pytest.raises(SmearflowError, match="lies out of"):
        next(crops(listed(field, box)))


def test_each_field_is_decoded_once_and_held_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import weakref

    held: list[weakref.ref[np.ndarray]] = []

    def read(data: bytes) -> object:
        assert not [each for each in held if each() is not None]
        found = read_field(data)
        copied = found._replace(samples=found.samples.copy())
        held.append(weakref.ref(copied.samples))
        return copied

    monkeypatch.setattr("smearflow.intake.boxes.crop.read_field", read)
    files = [tmp_path / f"{number}.png" for number in range(3)]
    for file in files:
        write_field(file)
    boxes = [Box(at, at, at + 9, at + 9) for at in range(4)]
    cells = [cell for file in files for cell in listed(file, *boxes)]
    found = [pixels(file)[0, 0, 0] for file in crops(cells)]
    assert found == [0, 1, 2, 3] * 3
    assert len(held) == 3
