"""make says so where it would ignore a variable; what it reads reaches the command it installs."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.bad_input.cases import WRONG_VARIABLE
from tests.commands import git, run
from tests.flows.toy import FIRST, write_toy
from tests.material import PROJECT


def make(*words: str, folder: Path = PROJECT) -> "subprocess.CompletedProcess[str]":
    """What make does, typed in a shell: not as a part of the make that runs the tests."""
    (exported,) = re.findall(
        r"^export ([A-Z ]+)$", (PROJECT / "Makefile").read_text(), re.MULTILINE
    )
    own = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", *exported.split()}
    return subprocess.run(
        ["make", *words],
        cwd=folder,
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
    ended = make("--dry-run", *words)
    assert ended.returncode == 2
    assert f" does not read {unread}; " in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stdout == ""


def test_the_message() -> None:
    assert WRONG_VARIABLE.messages[0] in make("--dry-run", "run", "PROFIL=nih").stderr


@pytest.mark.parametrize(
    "words",
    [
        ("run", "PROFILE=nih", "DATA=my 'cells'", "SET=a=1 b='[1, 2]'", "PYTHON=python3"),
        ("schedule", "PORT=4300", "PROFILE=nih"),
        ("predict", "IMAGES=.", "RUN=runs/nih"),
        ("promote", "RUN=runs/nih", "PROFILE=nih"),
        ("approve", "ID=a", "BY=Ada", "REASON=better", "PROFILE=nih"),
        ("rollback", "ID=a"),
        ("history", "PROFILE=nih"),
        ("test", "PYTEST=python -m pytest -x"),
        ("help",),
    ],
    ids=str,
)
def test_variables_that_a_target_reads_are_taken(words: tuple[str, ...]) -> None:
    assert make("--dry-run", *words).returncode == 0


ECHO = f"""#!{sys.executable}
import json, sys
print(json.dumps(sys.argv[1:]))
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder in which make finds everything set up; `smearflow` shows what it is called with."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path)
    command = tmp_path / ".venv/bin/smearflow"
    command.parent.mkdir(parents=True)
    (tmp_path / ".venv/installed").touch()
    command.write_text(ECHO)
    command.chmod(0o755)
    return tmp_path


NO_PLACES = ["--backbone", "", "--incoming", "", "--set", "a=1 b='[1, 2]'"]


@pytest.mark.parametrize(
    ("words", "called"),
    [
        (
            ("run", "DATA=my 'cells' \"1\"", "SET=a=1 b='[1, 2]'", "PROFILE=nih"),
            ["run", "--profile", "nih", "--data", "my 'cells' \"1\"", *NO_PLACES],
        ),
        (
            ("validate", "SET=a='^C(?P<patient>[0-9]+)$' b=$(HOME)$1$$"),
            [
                *("validate", "--profile", "sample", "--data", "", "--set"),
                "a='^C(?P<patient>[0-9]+)$' b=$(HOME)$1$",
            ],
        ),
        (("promote", "RUN=runs/my run"), ["promote", "--", "runs/my run"]),
        (
            ("approve", "ID=a", "BY=Ada L.", "REASON=it's better"),
            [
                *("approve", "--profile", "sample", "--by", "Ada L."),
                *("--reason", "it's better", "--", "a"),
            ],
        ),
        (
            ("rollback",),
            ["rollback", "--profile", "sample", "--by", "", "--reason", "", "--", ""],
        ),
        (("promote", "RUN=a", "PROFILE=nih"), ["promote", "--profile", "nih", "--", "a"]),
        (
            ("predict", "IMAGES=-x", "PATTERN=(?P<patient>p.)", "OUTPUT=my tables"),
            [
                *("predict", "--profile", "sample", "--run", "", "--pattern", "(?P<patient>p.)"),
                *("--format", "csv", "--output", "my tables", "--", "-x"),
            ],
        ),
        (
            ("feedback", "ADD=my labels.csv", "SITE=lab", "REVIEWER=Ada L."),
            [
                *("feedback", "add", "--profile", "sample", "--site", "lab", "--pattern", ""),
                *("--group", "", "--reviewer", "Ada L.", "--", "my labels.csv"),
            ],
        ),
        (
            ("retrain", "CELLS=new cells", "SITE=lab", "GROUP=field", "FULL=1"),
            [
                *("retrain", "--profile", "sample", "--cells", "new cells", "--site", "lab"),
                *("--pattern", "", "--group", "field", "--full"),
            ],
        ),
        (("schedule", "PORT=1"), ["schedule", "--profile", "sample", "--port", "1"]),
    ],
    ids=str,
)
def test_a_target_hands_its_variables_on(
    words: tuple[str, ...], called: list[str], installed: Path
) -> None:
    assert json.loads(make(*words, folder=installed).stdout) == called


def test_set_up_installs_the_command_and_runs_in_worktrees_keep_their_code(tmp_path: Path) -> None:
    clone = write_toy(tmp_path / "a clone", FIRST)
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "README.md"):
        shutil.copy(PROJECT / name, clone)
    run(clone, sys.executable, "-m", "venv", "--without-pip", ".venv")
    python, command = clone / ".venv/bin/python", clone / ".venv/bin/smearflow"
    packages = sysconfig.get_path("purelib", vars={"base": str(clone / ".venv")})
    (Path(packages) / "these.pth").write_text(sysconfig.get_path("purelib"))
    (clone / ".venv/bin/uv").symlink_to(Path(sys.executable).with_name("uv"))
    (clone / ".venv/installed").touch()
    done = make("setup", folder=clone)
    assert done.returncode == 0, done.stderr
    assert "batch-size" in run(tmp_path, str(command), "--help")
    assert git(clone, "status", "--porcelain", ".venv", "smearflow.egg-info") == ""
    root = clone / "runs/other"
    git(clone, "worktree", "add", "--quiet", "--detach", str(root))
    found = (
        "import stages.runner, smearflow.ground.files as files; print(stages.runner.__file__)\n"
        "print(files.__file__)"
    )
    assert run(root, str(python), "-c", found).splitlines() == [
        f"{root}/stages/runner.py",
        f"{root}/smearflow/ground/files.py",
    ]
    assert run(tmp_path, str(python), "-c", found).splitlines() == [
        f"{clone}/stages/runner.py",
        f"{clone}/smearflow/ground/files.py",
    ]
