"""How far a stage is: a line per finished unit, a status line on a terminal, a file for others."""

import sys
import time
from pathlib import Path
from typing import TypedDict

from smearflow.ground.files import append_json_line


class Status(TypedDict):
    """How far a stage is.

    Attributes:
        done: finished units, of `total`.
        best: the lowest score so far; None: none yet.
        seconds_left: None: unknown.
    """

    stage: str
    done: int
    total: int
    best: float | None
    seconds_left: int | None


_ERASE = "\r\x1b[K"


def progress_file(root: Path, stage: str) -> Path:
    """Where a stage that runs in the folder `root` writes how far it is, a `Status` a line.

    It lies outside the stage's own folder, which is gone when the stage has ended: whoever displays
    it may read the last line after that.
    """
    return root / "work/progress" / f"{stage}.jsonl"


class Progress:
    """Says what becomes of the units of a stage, in the order in which they end.

    Args:
        stage: its name.
        total: number of units.
        file: JSON Lines file, begun anew, a `Status` per unit, for whoever displays it.
    """

    def __init__(self, stage: str, total: int, file: Path) -> None:
        self._stage = stage
        self._total = total
        self._file = file
        self._done = 0
        self._worked = 0
        self._best: float | None = None
        self._started = time.perf_counter()
        file.unlink(missing_ok=True)

    def finish(self, line: str, seconds: float | None, score: float | None = None) -> None:
        """Say that a unit ended.

        Args:
            line: what came out of it.
            seconds: it took; None if it was finished by an earlier, interrupted run.
            score: lower is better; None if it has none.
        """
        self._done += 1
        self._worked += seconds is not None
        self._best = min((s for s in (self._best, score) if s is not None), default=None)
        took = "kept from before" if seconds is None else f"{seconds:.0f} s"
        show(f"{self._stage} {self._done} of {self._total}: {line} ({took})", self._write())

    def _write(self) -> Status:
        elapsed, left = time.perf_counter() - self._started, self._total - self._done
        status: Status = {
            "stage": self._stage,
            "done": self._done,
            "total": self._total,
            "best": self._best,
            "seconds_left": round(elapsed / self._worked * left) if self._worked else None,
        }
        append_json_line(self._file, status)
        return status


def show(line: str, status: Status | None) -> None:
    """Print a line; on a terminal with the status below it, until the next line comes."""
    if not sys.stdout.isatty():
        print(line, flush=True)
        return
    print(f"{_ERASE}{line}", flush=True)
    if status and status["done"] < status["total"]:
        print(status_line(status), end="", flush=True)


def status_line(status: Status) -> str:
    """A status in a few words, such as `explore: 3 of 12, best 0.1423, about 2 min left`."""
    parts = [f"{status['stage']}: {status['done']} of {status['total']}"]
    if status["best"] is not None:
        parts.append(f"best {status['best']:.4f}")
    left = status["seconds_left"]
    if left is not None:
        parts.append(f"about {round(left / 60)} min left" if left >= 90 else f"about {left} s left")
    return ", ".join(parts)
