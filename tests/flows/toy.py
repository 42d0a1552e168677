"""A project with the product's flows and library but stages that take no time."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from flows.processes import tool_environment
from tests.material import PROJECT, short_params

STAGES = {
    "ingest": """
        (folders.outputs / "cells.txt").write_text(f"{params.split.floors.cells}\\n")
        """,
    "split": """
        cells = (folders.inputs("ingest") / "cells.txt").read_text()
        print(f"cells: {cells.strip()}", flush=True)
        (folders.outputs / "train.txt").write_text(cells)
        """,
    "train": """
        if params.train.seed == 13:
            raise SmearflowError("train.seed is unlucky", "set another one")
        if params.train.seed == 99:
            print(f"waiting as {os.getpid()}", flush=True)
            subprocess.run(["sleep", "600"])
        (folders.outputs / "model.txt").write_text(f"{params.train.seed}\\n")
        """,
}
DEPS = {
    "ingest": ["stages/ingest.py"],
    "split": ["stages/split.py", "outputs/ingest"],
    "train": ["stages/train.py", "outputs/split/train.txt"],
}
PARAMS = {"ingest": ["split"], "split": ["split"], "train": ["train"]}
HEADER = '''"""A toy stage."""

import os
import subprocess

from smearflow.errors import SmearflowError
from smearflow.params import Params
from stages.runner import Folders, run


def {name}(params: Params, folders: Folders) -> None:
    """A toy stage."""
{body}

if __name__ == "__main__":
    run({name})
'''


def write_toy(root: Path) -> Path:
    """Write a project of three stages, a DVC repository, with the profile `toy`; returns `root`."""
    for folder in ("flows", "smearflow", "expectations"):
        shutil.copytree(
            PROJECT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    (root / "stages").mkdir()
    for file in ("__init__.py", "runner.py"):
        shutil.copy2(PROJECT / "stages" / file, root / "stages")
    for name, body in STAGES.items():
        lines = [line[4:] for line in body.strip("\n").splitlines()]
        text = HEADER.format(name=name, body="\n".join(lines).rstrip() + "\n")
        (root / "stages" / f"{name}.py").write_text(text)
    # the last stage comes first, so that the order has to be found
    stages = {
        name: {
            "cmd": f"python -m stages.{name}",
            "deps": DEPS[name],
            "params": PARAMS[name],
            "outs": [f"outputs/{name}", f"reports/{name}"],
        }
        for name in reversed(STAGES)
    }
    write_yaml(root / "dvc.yaml", {"stages": stages})
    (root / "data/incoming").mkdir(parents=True)
    shutil.copy2(PROJECT / "data/incoming/README.md", root / "data/incoming")
    shutil.copy2(PROJECT / ".dvcignore", root)
    (root / "profiles").mkdir()
    write_yaml(root / "profiles/toy.yaml", toy_params())
    (root / ".dvc").mkdir()
    (root / ".dvc/config").write_text("[core]\n    analytics = false\n    no_scm = true\n")
    return root


def toy_params() -> dict[str, Any]:
    return short_params(Path("cells"), Path("module"))


def write_yaml(path: Path, value: Any) -> None:
    YAML().dump(value, path)


def python(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run this Python in a folder, both outputs together."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=tool_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
