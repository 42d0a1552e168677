"""The window of incoming cells that a workspace's `monitor` stage judges: data/incoming."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from smearflow.cells.files import cell_files
from smearflow.cells.raw import RawCells
from smearflow.errors import SmearflowError
from smearflow.files import file_sha256, tree_sha256, write_bytes

INCOMING = Path("data/incoming")
# present while the window is a stand-in: hashes of the test set, and of the files that are one
_STAND_IN = Path("data/stand_in.sha256")


def place_window(root: Path, folder: Path) -> None:
    """Copy a folder of images into a workspace as its window, instead of an earlier one.

    Raises:
        SmearflowError: there is no such folder.
    """
    folder = existing_folder(folder)
    (root / _STAND_IN).unlink(missing_ok=True)
    with _new_window(root) as window:
        shutil.copytree(folder, window, dirs_exist_ok=True)


def existing_folder(folder: Path) -> Path:
    """The folder, `~` expanded.

    Raises:
        SmearflowError: there is no such folder.
    """
    folder = folder.expanduser()
    if not folder.is_dir():
        raise SmearflowError(f"INCOMING={folder} is no folder", "name a folder of cell images")
    return folder


def place_stand_in(root: Path) -> bool:
    """Where nobody has put a window: the cells of the test patients, so that a run shows one.

    Their original files come out of ingest's archives. An earlier stand-in is replaced when the
    test patients have changed; a window that a person put or changed there never is.

    Returns:
        Whether the window is a stand-in.
    """
    marker, table = root / _STAND_IN, root / "outputs/split/test.parquet"
    cells, files = file_sha256(table), cell_files(root / INCOMING)
    known = []
    if files:
        noted = marker.read_text().split() if marker.exists() else []
        known = [tree_sha256(root / INCOMING, files)]
        if known[0] not in noted[1:]:
            marker.unlink(missing_ok=True)
            return False
        if noted[:2] == [cells, *known]:
            return True
    with _new_window(root) as window, RawCells(root / "outputs/ingest/raw") as raw:
        for path in pd.read_parquet(table, columns=["path"])["path"]:
            (window / path).parent.mkdir(parents=True, exist_ok=True)
            (window / path).write_bytes(raw.read(path))
        # noted before the window changes, with the files before: a kill in between leaves either
        placed = tree_sha256(window, cell_files(window))
        write_bytes(marker, " ".join([cells, placed, *known]).encode())
    return True


def is_stand_in(root: Path) -> bool:
    """Whether the window of a workspace is a stand-in."""
    return (root / _STAND_IN).exists()


@contextlib.contextmanager
def _new_window(root: Path) -> Iterator[Path]:
    """An empty folder that takes the place of the window, whole, when the block ends."""
    window = root / INCOMING
    new, old = window.with_name(".incoming.new"), window.with_name(".incoming.old")
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    new.mkdir(parents=True)
    yield new
    if (window / "README.md").exists():
        shutil.copy2(window / "README.md", new)
    if window.exists():
        window.rename(old)
    new.rename(window)
    shutil.rmtree(old, ignore_errors=True)
