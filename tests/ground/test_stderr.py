"""Lines of libraries are kept in a file; what ends the work is told where errors always are."""

import os
import subprocess
from pathlib import Path

import pytest

from smearflow.ground.stderr import held_stderr, libraries_into, library_log


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


def held(error: Exception | None) -> None:
    with held_stderr():
        os.write(2, b"native\n")
        if error:
            raise error


def test_what_is_held_back_is_shown_where_the_work_fails(
    capfd: pytest.CaptureFixture[str],
) -> None:
    held(None)
    assert capfd.readouterr().err == ""
    with pytest.raises(ZeroDivisionError):
        held(ZeroDivisionError())
    assert capfd.readouterr().err == "native\n"
