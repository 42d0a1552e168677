"""A project folder in miniature: this code and dvc.yaml, own parameters."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.material import PROJECT


def make_project(root: Path, params: dict[str, Any]) -> Path:
    """Write params.yaml into `root` and link what stages depend on; returns `root`."""
    root.mkdir(parents=True, exist_ok=True)
    for name in ("dvc.yaml", "smearflow", "stages", "expectations"):
        (root / name).symlink_to(PROJECT / name)
    write_params(root, params)
    return root


def write_params(root: Path, params: dict[str, Any]) -> None:
    """Replace params.yaml."""
    YAML(typ="safe").dump(params, root / "params.yaml")


def tree(folder: Path) -> dict[str, bytes]:
    """The contents of all files of a folder by relative name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
