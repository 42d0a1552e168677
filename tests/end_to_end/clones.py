"""Clones of the project with nothing shared, and what they hold."""

import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from smearflow.ground.files import tree_sha256
from tests.commands import git
from tests.material import PROJECT


def new_clone(folder: Path, params: dict[str, Any]) -> Path:
    """The project as it stands, committed or not, as a repository of its own."""
    listed = git(PROJECT, "ls-files", "--cached", "--others", "--exclude-standard")
    for name in listed.splitlines():
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    YAML().dump(params, folder / "params.yaml")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "a clone")
    return folder


def hashes(root: Path) -> dict[str, str]:
    """Of every file in outputs/."""
    files = [file for file in (root / "outputs").rglob("*") if file.is_file()]
    return {str(file.relative_to(root)): tree_sha256(root, [file]) for file in sorted(files)}
