"""Disks and folders that cannot be written."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bad_input.cases import DISK_FULL, DISK_READ_ONLY, FOLDER_CLOSED, Row
from tests.bad_input.lab import Lab, run_program, run_stage

# root may write everywhere, unless it gives that right up
ORDINARY = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


@contextmanager
def small_disk(folder: Path, *options: str) -> Iterator[None]:
    """A disk of 64 KB mounted there; the test is skipped where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", ",".join(["size=64k", *options]), "tmpfs", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("only root may mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    ("row", "options"), [(DISK_FULL, ()), (DISK_READ_ONLY, ("ro",))], ids=["full", "read-only"]
)
def test_disk(row: Row, options: tuple[str, ...], lab: Lab) -> None:
    before = lab.kept()
    with small_disk(lab.root / "work/ingest", *options):
        ended = run_stage(lab, "ingest")
    assert ended.status == 1
    assert ended.starting("error: ") == row.messages
    assert "Traceback" not in "".join(ended.lines)
    assert lab.kept() == before


def test_folder_that_may_not_be_written(lab: Lab) -> None:
    before = lab.kept()
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and setpriv is not there")
    (lab.root / "work").chmod(0o555)
    prefix = ORDINARY if os.geteuid() == 0 else ()
    ended = run_program(lab, *prefix, sys.executable, "-m", "stages.ingest")
    (lab.root / "work").chmod(0o755)
    assert ended.status == 1
    assert ended.starting("error: ") == FOLDER_CLOSED.messages
    assert lab.kept() == before
