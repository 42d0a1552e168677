"""Files that are whole or absent, and their hashes."""

import fcntl
import hashlib
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; it becomes `path` when the block ends well."""
    temporary = path.with_name(path.name + ".tmp")
    yield temporary
    temporary.replace(path)


def write_bytes(path: Path, content: bytes) -> None:
    """Write beside, then rename: a reader, or a kill, never meets half a file."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys, atomically.

    Raises:
        ValueError: the value holds a number that is not finite; JSON has none (use None).
    """
    write_bytes(
        path, (json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n").encode()
    )


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
    with path.open("a+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        stream.truncate(stream.read().rfind(b"\n") + 1)
        stream.write(line.encode())
        stream.flush()
        os.fsync(stream.fileno())


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
