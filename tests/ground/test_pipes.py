"""A reader that has gone ends a program in silence; other broken pipes are errors."""

import os
import subprocess
import sys

import pytest

from smearflow.ground.pipes import end_if_unread
from tests.material import PROJECT

PROGRAM = """
from smearflow.ground.pipes import end_if_unread
try:
    while True:
        print("a line", flush={flush})
except OSError as error:
    end_if_unread(error)
    raise
"""


@pytest.mark.parametrize("flush", [True, False])
def test_a_program_ends_with_its_reader(flush: bool) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(flush=flush)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    assert program.stderr is not None
    assert program.stdout.readline() == "a line\n"
    program.stdout.close()
    assert program.stderr.read() == ""
    assert program.wait() == 141


def test_another_broken_pipe_stays_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader), os.fdopen(writer, "w") as output:
        monkeypatch.setattr("sys.stdout", output)
        end_if_unread(BrokenPipeError())
        end_if_unread(OSError())
