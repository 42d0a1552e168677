"""A project with the product's flows and library but stages that take no time."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from flows.processes import tool_environment
from tests.material import PROJECT, short_params

STAGES: dict[str, tuple[list[str], list[str]]] = {  # dependencies, parameters
    "ingest": ([], ["ingest"]),
    "split": (["outputs/ingest"], ["ingest", "problem", "split"]),
    "export": (["outputs/split/test.json"], ["problem", "split", "train"]),
    "evaluate": (["outputs/split", "outputs/export"], ["evaluate"]),
    "baseline": (["outputs/export"], ["baseline"]),
}
FIRST = ("ingest", "split", "export")


def write_toy(root: Path, stages: Sequence[str] = tuple(STAGES)) -> Path:
    """Write a project, a DVC repository, with the profile `toy` and these stages; returns it."""
    for folder in ("flows", "smearflow", "expectations"):
        shutil.copytree(
            PROJECT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    material = Path(__file__).with_name("toy_stages")
    shutil.copy2(material / "runtime.py", root / "smearflow/edge/runtime.py")
    (root / "stages").mkdir()
    for file in ("__init__.py", "runner.py"):
        shutil.copy2(PROJECT / "stages" / file, root / "stages")
    for name in stages:
        shutil.copy2(material / f"{name}.py", root / "stages")
    # the last stage comes first, so that the order has to be found
    write_yaml(root / "dvc.yaml", {"stages": {name: _stage(name) for name in reversed(stages)}})
    (root / "data/incoming").mkdir(parents=True)
    shutil.copy2(PROJECT / "data/incoming/README.md", root / "data/incoming")
    shutil.copy2(PROJECT / ".dvcignore", root)
    (root / "profiles").mkdir()
    write_yaml(root / "profiles/toy.yaml", toy_params(None))
    (root / ".dvc").mkdir()
    (root / ".dvc/config").write_text("[core]\n    analytics = false\n    no_scm = true\n")
    return root


def _stage(name: str) -> dict[str, Any]:
    deps, params = STAGES[name]
    return {
        "cmd": f"python -m stages.{name}",
        "deps": [f"stages/{name}.py", *deps],
        "params": params,
        "outs": [f"outputs/{name}", f"reports/{name}"],
    }


def toy_params(location: Path | None, seed: int = 1) -> dict[str, Any]:
    """Settings of a toy project; the seed of `train` decides what its export stage does."""
    params = short_params(Path("unused"), Path("unused"))
    params["ingest"]["sources"][0]["location"] = location and str(location)
    params["train"]["seed"] = seed
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
