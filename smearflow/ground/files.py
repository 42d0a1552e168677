"""Files that are whole or absent, and their hashes."""

import fcntl
import hashlib
import json
import math
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; it becomes `path`, durably, when the block ends well."""
    temporary = path.with_name(path.name + ".tmp")
    yield temporary
    synced(temporary)
    temporary.replace(path)
    synced(path.parent)


def place_folder(new: Path, final: Path) -> None:
    """Give a finished folder its name, durably: after a power cut it is there whole, or not at all.

    Raises:
        OSError: something of that name is there.
    """
    for path in (*new.rglob("*"), new):
        synced(path)
    new.rename(final)
    synced(final.parent)


def synced(path: Path) -> None:
    """Have the system write a file's content, or a folder's list of names, to the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def write_bytes(path: Path, content: bytes) -> None:
    """Write beside, then rename: a reader, or a kill, never meets half a file."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_json(path: Path, value: Any, *, compact: bool = False) -> None:
    """Write JSON with sorted keys, atomically.

    Args:
        compact: without spaces and line breaks, for what nobody reads.

    Raises:
        ValueError: the value holds a number that is not finite; JSON has none (use None).
    """
    form: dict[str, Any] = {"separators": (",", ":")} if compact else {"indent": 2}
    text = json.dumps(value, sort_keys=True, allow_nan=False, **form)
    write_bytes(path, f"{text}\n".encode())


def replace_folder(new: Path, final: Path) -> None:
    """Put a finished folder in its place; a reader sees the old one or the new one, whole."""
    old = new.with_name(new.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        final.rename(old)
    new.rename(final)
    shutil.rmtree(old, ignore_errors=True)


def known(value: float) -> float | None:
    """A number for JSON, which holds no NaN."""
    return None if math.isnan(value) else value


def append_json_line(path: Path, record: Mapping[str, Any]) -> None:
    """Append to a JSON Lines file, durably; half a line that a kill left is removed first.

    Processes that append at the same time wait for each other.

    Raises:
        ValueError: the record holds a number that is not finite.
    """
    line = json.dumps(record, sort_keys=True, allow_nan=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = not path.exists()
    with path.open("a+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        stream.truncate(stream.read().rfind(b"\n") + 1)
        stream.write(line.encode())
        stream.flush()
        os.fsync(stream.fileno())
    if begun:
        synced(path.parent)


def read_json_lines(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a JSON Lines file; what a kill left of the last one is not read."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


def file_sha256(path: Path) -> str:
    """Hash of a file's content, 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def tree_sha256(root: Path, files: Iterable[Path]) -> str:
    """Hash of the names, relative to `root`, and contents of files, in any order; 64 hex digits."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(root).as_posix()}\0{file_sha256(file)}\n".encode())
    return digest.hexdigest()
