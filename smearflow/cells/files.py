"""Which files of a folder are cells."""

import re
from pathlib import Path

from smearflow.ground.errors import SmearflowError

# What file browsers and people leave beside images.
BYSTANDERS = frozenset({"thumbs.db", "desktop.ini", "readme.md", "__macosx"})
# line breaks and the like, and what stands for bytes that are no UTF-8
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def is_bystander(name: str) -> bool:
    """Whether a file or folder of this name is hidden or otherwise no image."""
    return name.startswith(".") or name.lower() in BYSTANDERS


def cell_files(folder: Path) -> list[Path]:
    """All files at any depth that ought to be images, sorted by their relative POSIX path.

    Raises:
        SmearflowError: a name can be written neither in a table nor in a message.
    """
    files = {
        file.relative_to(folder).as_posix(): file
        for file in folder.rglob("*")
        if not any(is_bystander(part) for part in file.relative_to(folder).parts) and file.is_file()
    }
    for name in sorted(files):
        if _UNSPEAKABLE.search(name):
            raise SmearflowError(
                f"{folder} holds the file {name!a}: control characters, or no UTF-8",
                "rename that file",
            )
    return [files[name] for name in sorted(files)]


def labelled_files(folder: Path) -> list[Path]:
    """The `cell_files` in the class folders of a folder; files beside those are no cells.

    Raises:
        SmearflowError: as `cell_files`.
    """
    return [file for file in cell_files(folder) if file.parent != folder]
