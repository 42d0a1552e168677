"""Commands run for real in a folder: DVC and git."""

import subprocess
import sys
from pathlib import Path

from flows.processes import tool_environment


def run(folder: Path, *command: str) -> str:
    """Run a command of this environment, return what it printed; fails with its output."""
    done = subprocess.run(
        command, cwd=folder, env=tool_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def dvc(folder: Path, *arguments: str) -> str:
    return run(folder, sys.executable, "-m", "dvc", *arguments)


def git(folder: Path, *arguments: str) -> str:
    author = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    return run(folder, "git", *author, *arguments)
