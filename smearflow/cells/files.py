"""Which files of a folder are cells, which others are of use, and which nobody put there."""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from smearflow.ground.errors import SmearflowError
from smearflow.images.formats import MAGIC, is_foreign, is_image

# What systems and programs leave beside images, whoever works there; names in lower case.
JUNK = frozenset(
    (
        *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r", "__macosx"),
        *("@eadir", "#recycle", "$recycle.bin", "recycler", "system volume information"),
        *("lost+found", "temporary items", "network trash folder", "__pycache__", "readme.md"),
    )
)
# streams of NTFS that became files, halves of AppleDouble, what an editor or a download left
_STREAM = r":(?:zone\.identifier|afp_\w+|encryptable|\$data|com\.[\w.]+)$"
_JUNK = re.compile(_STREAM + r"|^\.|~$|\.(?:lnk|url|tmp|part|crdownload|download|swp)$", re.I)
# line breaks and what else steers a terminal or turns a text around, and what stands for bytes that
# are no UTF-8
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Files(NamedTuple):
    """What a folder holds, at any depth: paths relative to it, each list sorted.

    Links are followed: what is told is where a file is found, not where it lies.

    Attributes:
        images: that are read, by `formats.is_image`.
        foreign: images of formats that are not.
        others: tables, annotations and all that is no image.
        broken: links that lead nowhere, or back to a folder that holds them.
        junk: files and whole folders that `is_junk` by their names; those may be unspeakable.
    """

    images: tuple[PurePosixPath, ...]
    foreign: tuple[PurePosixPath, ...]
    others: tuple[PurePosixPath, ...]
    broken: tuple[PurePosixPath, ...]
    junk: tuple[PurePosixPath, ...]


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is of no interest to anybody."""
    return name.lower() in JUNK or _JUNK.search(name) is not None


def survey(folder: Path) -> Files:
    """What a folder holds.

    Raises:
        SmearflowError: a name can be written neither in a table nor in a message.
    """
    found: dict[str, list[PurePosixPath]] = {kind: [] for kind in Files._fields}
    for path, kind in sorted(_walk(folder, (), frozenset()), key=lambda each: str(each[0])):
        if kind != "junk" and _UNSPEAKABLE.search(str(path)):
            raise SmearflowError(
                f"{folder} holds the file {str(path)!a}: control characters, or no UTF-8",
                "rename that file",
            )
        found[kind or _kind(folder / path)].append(path)
    return Files(**{kind: tuple(paths) for kind, paths in found.items()})


def cell_files(folder: Path) -> list[Path]:
    """All images at any depth, sorted by their relative POSIX path.

    Raises:
        SmearflowError: a name can be written neither in a table nor in a message.
    """
    return [folder / path for path in survey(folder).images]


def _kind(file: Path) -> str:
    """The list of `Files` that a file is in."""
    if is_image(file.name):
        return "images"
    if is_foreign(file.name):
        return "foreign"
    with file.open("rb") as stream:
        return "images" if is_image(file.name, stream.read(MAGIC)) else "others"


def _walk(
    folder: Path, below: tuple[str, ...], above: frozenset[tuple[int, int]]
) -> Iterator[tuple[PurePosixPath, str]]:
    """Paths below a folder, and the list of `Files` they are in; empty where content tells.

    Args:
        below: the names of folders that led here.
        above: device and inode of those folders.
    """
    status = folder.stat()
    identity = (status.st_dev, status.st_ino)
    if identity in above:
        yield PurePosixPath(*below), "broken"
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            path = PurePosixPath(*below, entry.name)
            if is_junk(entry.name):
                yield path, "junk"
            elif entry.is_dir():
                yield from _walk(Path(entry.path), path.parts, above | {identity})
            elif entry.is_file():
                yield path, ""
            elif entry.is_symlink():
                yield path, "broken"
