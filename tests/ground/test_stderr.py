"""Lines of libraries are kept in a file; what ends the work is told where errors always are."""

import os
import subprocess
from pathlib import Path

import pytest

from smearflow.ground.stderr import libraries_into, library_log


def fail_loudly(log: Path) -> None:
    with libraries_into(log):
        os.write(2, b"native\n")
        subprocess.run(["sh", "-c", "echo of a worker >&2"], check=True)
        raise ZeroDivisionError


def test_lines_of_libraries_go_to_a_file_until_the_work_ends(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = library_log(tmp_path, "train")
    for _ in range(2):  # begun anew
        with pytest.raises(ZeroDivisionError):
            fail_loudly(log)
    assert log.read_text() == "native\nof a worker\n"
    os.write(2, b"an error\n")
    assert capfd.readouterr().err == "an error\n"


def test_without_such_lines_there_is_no_file(tmp_path: Path) -> None:
    log = library_log(tmp_path, "train")
    with libraries_into(log):
        pass
    assert not log.exists()
