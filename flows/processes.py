"""Child processes that never outlive their starter, and locks that never outlive their holder."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from smearflow.ground.errors import SmearflowError

_GUARD = Path(__file__).with_name("guard.py")


@contextlib.contextmanager
def exclusive(path: Path, work: str) -> Iterator[None]:
    """Hold a lock file; the kernel frees it when this process ends, however it ends.

    Args:
        work: what the lock protects, for the message, as in "the folder runs/nih".

    Raises:
        SmearflowError: another process holds it; names that process.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SmearflowError(
                f"{work} is busy: process {lock.read().strip() or 'unknown'} works there",
                "wait until it has ended, or stop it",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextlib.contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Hold a lock file, once whoever holds it, here or in another process, has let it go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start_guarded(
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    output: int | IO[bytes],
    needed_while_locked: Path | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a command in a session of its own, stdout and stderr both to `output`.

    It ends, with everything it started, when this process ends; or, with `needed_while_locked`,
    when no process holds a shared lock on that file any more.
    """
    watched = str(needed_while_locked) if needed_while_locked else "-"
    return subprocess.Popen(
        [sys.executable, str(_GUARD), watched, *command],
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL if needed_while_locked else subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def end_group(process: "subprocess.Popen[bytes]", grace_seconds: float) -> None:
    """End a guarded command and all it started: asked first, then killed; returns when it is so."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(grace_seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with process:  # closes its pipes
        process.wait()


def tool_environment() -> dict[str, str]:
    """This environment with the tools of this Python first on the path, and output unbuffered."""
    tools = str(Path(sys.executable).parent)
    return os.environ | {
        "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
    }
