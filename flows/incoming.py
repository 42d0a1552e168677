"""The window of incoming cells that the stage `monitor` judges: data/incoming in its folder."""

import shutil
from pathlib import Path

from smearflow.cells.files import cell_files
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import place_folder, tree_sha256, write_bytes

INCOMING = Path("data/incoming")
_PLACED = Path(".dvc/tmp/incoming.sha256")  # of the windows that runs put there or began to
_NEW, _OLD = ".incoming.new", ".incoming.old"


def existing_folder(folder: Path) -> Path:
    """The folder, `~` expanded.

    Raises:
        SmearflowError: there is no such folder.
    """
    folder = folder.expanduser()
    if not folder.is_dir():
        raise SmearflowError(f"INCOMING={folder} is no folder", "name a folder of cell images")
    return folder


def place_window(root: Path, folder: Path | None) -> None:
    """Make the images of a folder the window of a run; none where no folder is named.

    What a person put into the window is never replaced: only what an earlier run put there.

    Raises:
        SmearflowError: there is no such folder, or the window holds a person's images.
    """
    window, placed = root / INCOMING, root / _PLACED
    _recover(window)
    now, asked = _fingerprint(window), folder and _fingerprint(existing_folder(folder))
    if now is not None and now not in _lines(placed):
        if folder is not None and asked != now:
            raise SmearflowError(
                f"{window} holds images that no INCOMING= put there",
                "move them elsewhere, or leave INCOMING out to have them judged",
            )
    elif folder is not None or now is not None:
        placed.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(placed, f"{now or ''}\n{asked or ''}\n".encode())  # a kill leaves either
        _replace(window, folder and existing_folder(folder))
        write_bytes(placed, f"{_fingerprint(window) or ''}\n".encode())


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def _recover(window: Path) -> None:
    """Bring back what a kill left beside its place."""
    old = window.with_name(_OLD)
    if old.is_dir() and not window.exists():
        old.rename(window)


def _fingerprint(folder: Path) -> str | None:
    """Of the images of a folder; None where it has none."""
    files = cell_files(folder) if folder.is_dir() else []
    return tree_sha256(folder, files) if files else None


def _replace(window: Path, folder: Path | None) -> None:
    """A copy of the folder, or nothing but the README, in the place of a window; whole or not."""
    new, old = window.with_name(_NEW), window.with_name(_OLD)
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    if folder is None:
        new.mkdir(parents=True)
    else:
        shutil.copytree(folder, new)
    if (window / "README.md").exists():
        shutil.copy2(window / "README.md", new)
    if window.exists():
        window.rename(old)
    place_folder(new, window)
    shutil.rmtree(old, ignore_errors=True)
