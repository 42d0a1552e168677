from pathlib import Path

import numpy as np

from smearflow.cells.images import pixels_of
from smearflow.cells.manifest import COLUMNS
from smearflow.cells.windows import JUDGED, read_window
from tests.material import write_cells


def test_any_depth_and_only_what_ought_to_be_images(tmp_path: Path) -> None:
    write_cells(tmp_path / "night" / "slide", patients=2, per_class=1)
    (tmp_path / "README.md").write_text("put images here")
    (tmp_path / ".gitignore").write_text("*")
    (tmp_path / "Thumbs.db").write_bytes(b"")
    (tmp_path / "a.png").write_bytes(b"no image")
    window = read_window(tmp_path, 40)
    assert list(window.table.columns) == [*COLUMNS, *JUDGED]
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


def test_no_images(tmp_path: Path) -> None:
    window = read_window(tmp_path, 48)
    assert list(window.table.columns) == [*COLUMNS, *JUDGED]
    assert len(window.table) == 0
    assert window.pixels.shape == (0, 48, 48, 3)
    assert window.pixels.dtype == np.uint8


def test_names_of_another_site_tell_no_patient(other_site: Path) -> None:
    window = read_window(other_site, 32)
    assert len(window.table) == len(window.pixels) == 1500
    assert window.table["patient"].isna().all()
    assert window.table["error"].isna().all()
