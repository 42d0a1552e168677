"""Files that are whole or absent, and their hashes."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def write_bytes(path: Path, content: bytes) -> None:
    """Write beside, then rename: a reader, or a kill, never meets half a file."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys, atomically.

    Raises:
        ValueError: the value holds a number that is not finite; JSON has none (use None).
    """
    write_bytes(
        path, (json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n").encode()
    )


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
