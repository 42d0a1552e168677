"""Thousands of damaged image files through the ingest stage: each is a row, none stops it."""

import io
import zlib
from pathlib import Path

import numpy as np
import pytest

from smearflow.cells import manifest
from smearflow.sides.tables import read_table
from stages.ingest import ingest
from stages.runner import run_in
from tests.material import CLASSES, cell_image, short_params
from tests.stages.project import make_project

FILES = 2000


def flipped(data: bytearray, rng: np.random.Generator) -> bytearray:
    """A few bytes anywhere are other ones."""
    for place in rng.integers(0, len(data), rng.integers(1, 9)):
        data[place] = rng.integers(0, 256)
    return data


def cut(data: bytearray, rng: np.random.Generator) -> bytearray:
    return data[: rng.integers(0, len(data))]


def doubled(data: bytearray, rng: np.random.Generator) -> bytearray:
    """A stretch of the file comes twice."""
    start, end = sorted(rng.integers(0, len(data), 2))
    return data[:end] + data[start:]


def without(data: bytearray, rng: np.random.Generator) -> bytearray:
    """A stretch of the file is missing."""
    start, end = sorted(rng.integers(0, len(data), 2))
    return data[:start] + data[end:]


def filled(data: bytearray, rng: np.random.Generator) -> bytearray:
    """A stretch of the file holds one byte only."""
    start, end = sorted(rng.integers(0, len(data), 2))
    data[start:end] = bytes([rng.integers(0, 256)]) * (end - start)
    return data


def checksums_mended(data: bytearray) -> bytearray:
    """PNG chunks whose checksums are right again, so that damage reaches what lies behind them."""
    place = 8
    while place + 12 <= len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4])
        if end + 4 > len(data):
            break
        data[end : end + 4] = zlib.crc32(data[place + 4 : end]).to_bytes(4)
        place = end + 4
    return data


def write_mutated(folder: Path) -> None:
    rng = np.random.default_rng(5)
    kinds = (flipped, cut, doubled, without, filled)
    for label in CLASSES:
        (folder / label).mkdir(parents=True)
    for number in range(FILES):
        form = ("PNG", "JPEG")[number % 2]
        stream = io.BytesIO()
        cell_image(rng, parasitized=bool(number % 3)).save(stream, form)
        data = kinds[number % len(kinds)](bytearray(stream.getvalue()), rng)
        if form == "PNG" and number % 4 == 0:
            data = checksums_mended(data)
        name = f"C{number % 40}P1ThinF_IMG_20150918_140104_cell_{number}.{form.lower()}"
        (folder / CLASSES[number % 2] / name).write_bytes(data)


def test_every_damaged_file_is_a_row(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_mutated(tmp_path / "cells")
    root = make_project(tmp_path / "project", short_params(tmp_path / "cells", tmp_path))
    run_in(root, ingest)
    table = read_table(root / "outputs/ingest/manifest.parquet")
    assert len(table) == FILES
    sound = table["error"].isna()
    assert FILES / 20 < sound.sum() < FILES  # both kinds are met
    measured = table.loc[sound, list(manifest.STATISTICS)]
    assert np.isfinite(measured.to_numpy()).all()
    assert table.loc[sound, ["pixels", "appearance"]].notna().all(axis=None)
    assert (table.loc[~sound, "width"] == 0).all()
    assert table.loc[~sound, "error"].str.len().between(5, 200).all()
    assert not table.loc[~sound, "error"].str.contains("0x|\n").any()  # the same on every run
    assert "Traceback" not in capfd.readouterr().err
