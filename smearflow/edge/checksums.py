"""Checksums of every file in a folder, in the form that `sha256sum --check` reads."""

from pathlib import Path, PurePosixPath

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256, write_bytes

FILE = "SHA256SUMS"
_AGAIN = "copy the whole folder again from where it came"


def write_checksums(folder: Path) -> None:
    """Write the checksums of all files that a folder holds, at any depth."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{file_sha256(file)}  {file.relative_to(folder).as_posix()}\n" for file in files]
    write_bytes(folder / FILE, "".join(lines).encode())


def verify_checksums(folder: Path) -> None:
    """Compare the files of a folder with its checksums; one without any is not looked at.

    Raises:
        SmearflowError: a file is missing or damaged, or the list is; names it.
    """
    listed = folder / FILE
    if not listed.is_file():
        return
    for line in listed.read_text(errors="replace").splitlines():
        expected, _, name = line.partition("  ")
        path = PurePosixPath(name)
        if len(expected) != 64 or not name or path.is_absolute() or ".." in path.parts:
            raise SmearflowError(f"{listed} is damaged: {line[:100]!r}", _AGAIN)
        file = folder / path
        if not file.is_file() or file_sha256(file) != expected:
            raise SmearflowError(f"{file} is missing or not the file {FILE} names", _AGAIN)
