"""A clone with the product's flows and library but stages that take no time."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from flows.processes import tool_environment
from tests.commands import git
from tests.material import PROJECT, short_params

STAGES: dict[str, tuple[list[str], list[str]]] = {  # dependencies, parameters
    "ingest": ([], ["ingest", "problem.positive", "problem.negative"]),
    "split": (["outputs/ingest"], ["ingest", "problem", "split"]),
    "export": (["outputs/split/test.json"], ["problem", "split", "train"]),
    "evaluate": (["outputs/split", "outputs/export"], ["evaluate"]),
    "baseline": (["outputs/export"], ["baseline"]),
    "pages": (["outputs/baseline", "outputs/evaluate"], ["problem.question"]),
}
FIRST = ("ingest", "split", "export")
_AS_THEY_ARE = (
    ".gitignore",
    ".dvcignore",
    ".dvc/.gitignore",
    ".dvc/config",
    "data/incoming/README.md",
    "stages/runner.py",
)


def write_toy(root: Path, stages: Sequence[str] = tuple(STAGES)) -> Path:
    """Write a clone, a git repository with one commit, that has these stages; returns it.

    Its own params.yaml and its profile `toy` are the same, and name no cells.
    """
    for folder in ("flows", "smearflow", "expectations"):
        shutil.copytree(
            PROJECT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    material = Path(__file__).with_name("toy_stages")
    shutil.copy2(material / "runtime.py", root / "smearflow/edge/runtime.py")
    for folder in ("stages", "data/incoming", "profiles", ".dvc"):
        (root / folder).mkdir(parents=True)
    for file in _AS_THEY_ARE:
        shutil.copy2(PROJECT / file, root / file)
    for name in stages:
        shutil.copy2(material / f"{name}.py", root / "stages")
    # the last stage comes first, so that the order has to be found
    write_yaml(root / "dvc.yaml", {"stages": {name: _stage(name) for name in reversed(stages)}})
    for file in ("params.yaml", "profiles/toy.yaml"):
        write_yaml(root / file, toy_params(None))
    git(root, "-c", "init.defaultBranch=main", "init", "--quiet")
    commit_all(root, "A toy")
    return root


def commit_all(root: Path, message: str) -> None:
    """Commit whatever is new in a folder."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


def _stage(name: str) -> dict[str, Any]:
    deps, params = STAGES[name]
    return {
        "cmd": f"python -m stages.{name}",
        "deps": [f"stages/{name}.py", *deps],
        "params": params,
        "outs": [f"outputs/{name}", f"reports/{name}"] if name != "pages" else ["reports/pages"],
    }


def toy_params(location: Path | None, seed: int = 1) -> dict[str, Any]:
    """Settings of a toy project; the seed of `train` decides what its export stage does."""
    params = short_params(Path("unused"), Path("unused"))
    params["ingest"]["sources"][0]["location"] = location and str(location)
    params["train"]["seed"] = seed
    # by the real split's rule a few of the toy's test patients are held out from its champion
    params["registry"]["least_patients"] = 2
    params["retrain"] = {"least_labels": 1}
    return params


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
