"""make says so where it would ignore a variable."""

import os
import subprocess

import pytest

from tests.bad_input.cases import WRONG_VARIABLE
from tests.material import PROJECT


def make(*words: str) -> "subprocess.CompletedProcess[str]":
    """What make would do, typed in a shell: not as a part of the make that runs the tests."""
    own = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    return subprocess.run(
        ["make", "--dry-run", *words],
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if name not in own},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "unread"),
    [
        (("run", "PROFIL=nih"), "PROFIL"),
        (("predict", "DATA=my cells"), "DATA"),
        (("retrain", "cells=new"), "cells"),
        (("run", "validate", "SET=a=1 b=2", "PORT=1"), "PORT"),
        (("PROFILE=nih",), "PROFILE"),
    ],
    ids=str,
)
def test_a_variable_that_no_target_reads_is_named(words: tuple[str, ...], unread: str) -> None:
    ended = make(*words)
    assert ended.returncode == 2
    assert f" does not read {unread}; " in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stdout == ""


def test_the_message() -> None:
    assert WRONG_VARIABLE.messages[0] in make("run", "PROFIL=nih").stderr


@pytest.mark.parametrize(
    "words",
    [
        ("run", "PROFILE=nih", "DATA=my 'cells'", "SET=a=1 b='[1, 2]'", "PYTHON=python3"),
        ("serve", "PORT=4300", "PROFILE=nih"),
        ("predict", "IMAGES=.", "RUN=runs/nih"),
        ("promote", "RUN=runs/nih", "PROFILE=nih"),
        ("test", "PYTEST=python -m pytest -x"),
        ("help",),
    ],
    ids=str,
)
def test_variables_that_a_target_reads_are_taken(words: tuple[str, ...]) -> None:
    assert make(*words).returncode == 0
