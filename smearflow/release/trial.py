"""A release is started once, as a device would, before it may be promoted."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smearflow.ground.errors import SmearflowError
from smearflow.params.registry import Limits
from smearflow.records.contest import Trial
from smearflow.records.edge import EdgeMetadata

CELLS = 50
_CODE = Path(__file__).parents[2]  # the process is to run this very code, wherever it is started
_SECONDS = 300.0  # for what hangs


def start_once(release: Path, pixels: npt.NDArray[np.uint8]) -> Trial:
    """Load a release in a process of its own and ask it about cells, one by one.

    Args:
        release: its folder.
        pixels: of at most CELLS cells [n, S, S, 3].

    Raises:
        SmearflowError: it does not load, does not answer, or its answers are no probabilities.
    """
    with tempfile.TemporaryDirectory() as work:
        cells = Path(work) / "cells.npy"
        np.save(cells, pixels[:CELLS])
        command = [sys.executable, "-m", "smearflow.edge.trial", str(release.resolve()), str(cells)]
        try:
            done = subprocess.run(
                command,
                cwd=_CODE,
                capture_output=True,
                text=True,
                check=False,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise _failed(release, f"no answer after {_SECONDS:.0f} s") from error
    if done.returncode:
        raise _failed(release, (done.stderr.strip().splitlines() or ["it ended"])[-1])
    told = json.loads(done.stdout)
    probabilities = np.array(told["probabilities"])
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise _failed(release, "its answers are no probabilities")
    return Trial(
        cells=len(probabilities),
        load_seconds=told["load_seconds"],
        p95_ms=float(np.percentile(told["milliseconds"], 95)),
        peak_bytes=told["peak_bytes"],
        file_bytes=EdgeMetadata.read_from(release / "export").shipped.bytes,
    )


def beyond(trial: Trial, limits: Limits) -> Iterator[str]:
    """What of a trial is more than it may be, each with its limit."""
    for what, found, most, unit in (
        ("the model's file", trial.file_bytes / 1e6, limits.file_megabytes, "MB"),
        ("a cell", trial.p95_ms, limits.milliseconds, "ms"),
        ("memory", trial.peak_bytes / 1e6, limits.memory_megabytes, "MB"),
        ("loading", trial.load_seconds, limits.load_seconds, "s"),
    ):
        if found > most:
            yield f"{what} takes {found:.4g} {unit}, {most:.4g} are allowed"


def _failed(release: Path, reason: str) -> SmearflowError:
    return SmearflowError(
        f"the release {release} was started and failed: {reason}", "run the stage export again"
    )
