from pathlib import Path

import numpy as np
from PIL import Image

from smearflow.cells.manifest import COLUMNS
from smearflow.images.decode import pixels_of
from smearflow.windows.read import EXCLUDED, read_window
from tests.cells.deep_files import tiff
from tests.material import write_cells


def test_any_depth_and_only_what_ought_to_be_images(tmp_path: Path) -> None:
    write_cells(tmp_path / "night" / "slide", patients=2, per_class=1)
    (tmp_path / "README.md").write_text("put images here")
    (tmp_path / ".gitignore").write_text("*")
    (tmp_path / "Thumbs.db").write_bytes(b"")
    (tmp_path / "a.png").write_bytes(b"no image")
    window = read_window(tmp_path, 40)
    assert list(window.table.columns) == [*COLUMNS, *EXCLUDED]
    assert window.table["path"].tolist() == sorted(
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")
    )
    assert window.table["label"].isna().all()
    assert window.table["error"].tolist() == ["not an image", None, None, None, None]
    sound = window.table[window.table["error"].isna()]
    assert set(sound["patient"]) == {"incoming/C1", "incoming/C2"}
    assert window.pixels.shape == (4, 40, 40, 3)
    for path, pixels in zip(sound["path"], window.pixels, strict=True):
        assert np.array_equal(pixels, pixels_of((tmp_path / path).read_bytes(), 40))


def test_the_range_of_deep_images_is_that_of_the_folder(tmp_path: Path) -> None:
    values = np.full((8, 8, 3), 2000, np.uint16)
    (tmp_path / "a.tif").write_bytes(tiff(values))
    lonely = read_window(tmp_path, 4)
    assert lonely.table["white_by"].tolist() == ["unknown"]
    assert "name no range" in lonely.table["error"][0]
    assert len(lonely.pixels) == 0
    (tmp_path / "b.tif").write_bytes(tiff(2 * values))
    (tmp_path / "c.png").write_bytes(b"no image")
    (tmp_path / "d.tif").write_bytes(tiff(values, tag_281=(16383,) * 3))
    window = read_window(tmp_path, 4)
    assert window.table["white"].tolist()[:2] == [4095, 4095]
    assert window.table["white_by"].tolist() == ["measured", "measured", None, "tag"]
    levels = [round(2000 * 255 / 4095), round(4000 * 255 / 4095), round(2000 * 255 / 16383)]
    assert window.pixels[:, 0, 0, 0].tolist() == levels
    assert read_window(tmp_path, 4, 14).pixels[0, 0, 0, 0] == levels[2]


def test_of_several_schemes_the_first_that_finds_a_patient_counts(tmp_path: Path) -> None:
    for name in ("C7P1thinF_IMG_1_cell_2", "p12_3", "C0001"):
        Image.new("RGB", (9, 9)).save(tmp_path / f"{name}.png")
    own = r"^p(?P<patient>\d+)_"
    window = read_window(tmp_path, 9, patterns=(None, own))
    assert window.table["patient"].tolist() == [None, "incoming/C7", "incoming/12"]
    assert window.table["field"].tolist() == [None, "incoming/C7P1thinF_IMG_1", None]


def test_no_images(tmp_path: Path) -> None:
    window = read_window(tmp_path, 48)
    assert list(window.table.columns) == [*COLUMNS, *EXCLUDED]
    assert len(window.table) == 0
    assert window.pixels.shape == (0, 48, 48, 3)
    assert window.pixels.dtype == np.uint8


def test_names_of_another_site_tell_no_patient(other_site: Path) -> None:
    window = read_window(other_site, 32)
    assert len(window.table) == len(window.pixels) == 1500
    assert window.table["patient"].isna().all()
    assert window.table["error"].isna().all()
