"""What libraries write to standard error is kept from between a person's lines."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def stderr_into(file: IO[bytes]) -> Iterator[None]:
    """Standard error of this process, its native code and all that it starts goes to a file.

    What ends the block, an error of ours among them, is told after it: where it always is.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def held_stderr() -> Iterator[None]:
    """Hold back what native code writes to standard error; shown after all if the block fails."""
    with tempfile.TemporaryFile() as held:
        try:
            with stderr_into(held):
                yield
        except BaseException:
            held.seek(0)
            os.write(2, held.read())
            raise


def library_log(root: Path, work: str) -> Path:
    """Where what libraries write goes while a stage or a flow works in the folder `root`.

    It lies outside a stage's own folder, so that it is there to be read when the stage has failed,
    or was ended by one of them.
    """
    return root / "work/libraries" / f"{work}.log"


@contextmanager
def libraries_into(log: Path) -> Iterator[None]:
    """Have what libraries write go to a file, begun anew; it is gone where they wrote nothing."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        try:
            with stderr_into(file):
                yield
        finally:
            if not os.fstat(file.fileno()).st_size:
                log.unlink(missing_ok=True)
