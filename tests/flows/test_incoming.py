"""The window of a workspace: what a person puts there, or a stand-in."""

import contextlib
from pathlib import Path

import pandas as pd
import pytest

from flows.incoming import INCOMING, is_stand_in, place_stand_in, place_window
from smearflow.cells.files import cell_files
from smearflow.cells.raw import write_raw
from smearflow.errors import SmearflowError
from tests.material import write_cells


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace after ingest and split, with no window."""
    root = tmp_path / "workspace"
    (root / INCOMING).mkdir(parents=True)
    (root / INCOMING / "README.md").write_text("put cells here")
    cells = write_cells(tmp_path / "cells", patients=3, per_class=1)
    write_raw(cells, root / "outputs/ingest/raw/nih.zip")
    split(root, [f"nih/{file.relative_to(cells).as_posix()}" for file in cell_files(cells)[:4]])
    return root


def split(root: Path, test: list[str]) -> None:
    (root / "outputs/split").mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"path": test}).to_parquet(root / "outputs/split/test.parquet")


def window(root: Path) -> list[str]:
    folder = root / INCOMING
    return [file.relative_to(folder).as_posix() for file in cell_files(folder)]


def test_the_test_cells_stand_in_for_a_window(root: Path, tmp_path: Path) -> None:
    paths = list(pd.read_parquet(root / "outputs/split/test.parquet")["path"])
    assert place_stand_in(root)
    assert is_stand_in(root)
    assert window(root) == paths
    original = tmp_path / "cells" / paths[0].removeprefix("nih/")
    assert (root / INCOMING / paths[0]).read_bytes() == original.read_bytes()
    assert (root / INCOMING / "README.md").exists()


def test_a_stand_in_follows_the_split_and_is_left_alone_otherwise(root: Path) -> None:
    place_stand_in(root)
    paths = window(root)
    before = (root / INCOMING / paths[0]).stat()
    assert place_stand_in(root)
    assert (root / INCOMING / paths[0]).stat() == before
    split(root, paths[:2])
    assert place_stand_in(root)
    assert window(root) == paths[:2]


def test_a_window_takes_the_place_of_any_and_stays(root: Path, tmp_path: Path) -> None:
    place_stand_in(root)
    cells = write_cells(tmp_path / "new", patients=1, per_class=1)
    place_window(root, cells)
    expected = [file.relative_to(cells).as_posix() for file in cell_files(cells)]
    assert window(root) == expected
    assert not place_stand_in(root)
    assert not is_stand_in(root)
    assert window(root) == expected
    assert (root / INCOMING / "README.md").exists()


def test_a_window_put_there_by_hand_stays(root: Path) -> None:
    (root / INCOMING / "a.png").touch()
    assert not place_stand_in(root)
    assert window(root) == ["a.png"]


@pytest.mark.parametrize("kept", [0, 1])
def test_a_stand_in_that_a_person_replaced_or_changed_is_theirs(root: Path, kept: int) -> None:
    place_stand_in(root)
    paths = window(root)
    for path in paths[kept:]:
        (root / INCOMING / path).unlink()
    (root / INCOMING / "own.png").write_bytes(b"own")
    expected = window(root)
    assert not place_stand_in(root)
    split(root, paths[:2])
    assert not place_stand_in(root)
    assert window(root) == expected


def test_an_emptied_window_has_a_stand_in_again(root: Path) -> None:
    place_stand_in(root)
    paths = window(root)
    for path in paths:
        (root / INCOMING / path).unlink()
    assert place_stand_in(root)
    assert window(root) == paths


@pytest.mark.parametrize("renames", [0, 1])
def test_a_stand_in_that_a_kill_met_is_known_for_one(
    root: Path, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    place_stand_in(root)
    paths = window(root)
    split(root, paths[:2])
    done: list[Path] = []

    def rename(file: Path, target: Path) -> None:
        if len(done) == renames:
            raise KeyboardInterrupt
        done.append(target)
        file.replace(target)

    for _ in range(2):
        done.clear()
        with monkeypatch.context() as patched:
            patched.setattr(Path, "rename", rename)
            with contextlib.suppress(KeyboardInterrupt):
                place_stand_in(root)
    assert place_stand_in(root)
    assert window(root) == paths[:2]


def test_no_folder_is_an_error(root: Path) -> None:
    with pytest.raises(SmearflowError, match="is no folder"):
        place_window(root, root / "nowhere")
