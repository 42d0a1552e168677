"""Pictures as URLs that hold them."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from smearflow.report.html import cell_url, data_url


def decoded(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


def test_a_drawn_picture_looks_the_same_with_few_colours(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    curve = np.full((200, 300, 3), 255, np.uint8)
    curve[rng.random((200, 300)) < 0.2] = (31, 119, 180)
    curve[::20] = (230, 230, 230)
    Image.fromarray(curve).save(tmp_path / "curve.png")
    shown = np.asarray(decoded(data_url(tmp_path / "curve.png")).convert("RGB"))
    assert np.abs(shown.astype(int) - curve).max() <= 4
    assert data_url(tmp_path / "curve.png") == data_url(tmp_path / "curve.png")


def test_a_cell_keeps_its_size_and_its_looks() -> None:
    rows, columns = np.mgrid[:64, :64]
    cell = np.stack([rows * 2 + 100, columns * 2 + 80, rows + columns], axis=-1).astype(np.uint8)
    shown = np.asarray(decoded(cell_url(cell)))
    assert shown.shape == cell.shape
    assert np.abs(shown.astype(int) - cell).mean() < 3
