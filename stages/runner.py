"""What every stage shares: settings, folders, whole results or none, one-line errors."""

import argparse
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from smearflow.errors import SmearflowError, as_smearflow
from smearflow.files import tree_sha256, write_json
from smearflow.params import Params, fingerprint, load_params
from smearflow.pipes import end_if_unread
from smearflow.progress import progress_file


@dataclass(frozen=True)
class Folders:
    """Where one run of one stage reads and writes.

    Attributes:
        root: the folder that holds dvc.yaml.
        outputs: written by the stage, becomes outputs/<stage>/ when it returns: results, the same
            bytes on every run.
        reports: becomes reports/<stage>/: pages, pictures, logs, timings; nothing depends on it.
        work: survives a kill, for the finished units of an unfinished stage; it belongs to exactly
            these dependencies and parameters and is deleted when the stage returns.
        progress: JSON Lines file, for whoever displays how far the stage is.
    """

    root: Path
    outputs: Path
    reports: Path
    work: Path
    progress: Path

    def inputs(self, stage: str) -> Path:
        """The results of an earlier stage."""
        return self.root / "outputs" / stage


Stage = Callable[[Params, Folders], None]


def run(stage: Stage) -> None:
    """Run a stage as a program: the body of every stage file's `__main__`."""
    parser = argparse.ArgumentParser(
        prog=f"python -m stages.{stage.__name__}", description=stage.__doc__
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    debug = parser.parse_args().debug or bool(os.environ.get("SMEARFLOW_DEBUG"))
    try:
        run_in(Path.cwd(), stage)
    except (SmearflowError, OSError) as error:
        end_if_unread(error)
        if debug:
            traceback.print_exc()
        sys.exit(f"error: {stage.__name__}: {as_smearflow(error, Path.cwd())}")
    except KeyboardInterrupt:
        sys.exit(f"stopped: {stage.__name__}: the same command goes on from what is finished")


def run_in(root: Path, stage: Stage) -> None:
    """Run a stage in a folder that holds dvc.yaml and params.yaml.

    Its outputs and reports are moved into place together, after it returned; until then earlier
    ones stay as they are.

    Raises:
        SmearflowError: the settings are wrong, or whatever the stage raises.
    """
    name = stage.__name__
    params = load_params(root / "params.yaml")
    work = root / "work" / name / state_hash(root, name)
    folders = Folders(
        root,
        outputs=work / "outputs",
        reports=work / "reports",
        work=work / "units",
        progress=progress_file(root, name),
    )
    for fresh in (folders.outputs, folders.reports):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
    folders.work.mkdir(exist_ok=True)
    started = time.perf_counter()
    stage(params, folders)
    seconds = round(time.perf_counter() - started, 1)
    write_json(folders.reports / "seconds.json", {"seconds": seconds})
    _replace(folders.reports, root / "reports" / name)
    _replace(folders.outputs, root / "outputs" / name)
    _remove(root / "work" / name)


def state_hash(root: Path, stage: str) -> str:
    """Hash of what DVC would compare: the stage's dependencies and parameters in dvc.yaml.

    Returns:
        16 hex digits.

    Raises:
        SmearflowError: dvc.yaml has no such stage, or a dependency is missing.
    """
    definition = _load_yaml(root / "dvc.yaml")["stages"].get(stage)
    if definition is None:
        raise SmearflowError(f"dvc.yaml has no stage {stage}", "add it there")
    settings = _load_yaml(root / "params.yaml")
    return fingerprint(
        {
            "deps": {path: _hash_of(root / path) for path in definition["deps"]},
            "params": {key: _value_at(settings, key) for key in definition["params"]},
        }
    )[:16]


def _load_yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def _value_at(settings: Any, dotted: str) -> Any:
    for key in dotted.split("."):
        settings = settings[key]
    return settings


def _hash_of(path: Path) -> str:
    if not path.exists():
        raise SmearflowError(f"{path} is missing", "run the stages before it too: dvc repro")
    return tree_sha256(path.parent, _files(path))


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for file in path.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            yield file


def _remove(work: Path) -> None:
    """Remove a stage's work folder; whoever finds one under its name finds all of it."""
    removed = work.with_name(work.name + ".old")
    shutil.rmtree(removed, ignore_errors=True)  # a kill may have left part of an earlier one
    work.rename(removed)
    shutil.rmtree(removed)


def _replace(new: Path, final: Path) -> None:
    """Put a finished folder in its place; a reader sees the old one or the new one, whole."""
    old = new.with_name(new.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        final.rename(old)
    new.rename(final)
    shutil.rmtree(old, ignore_errors=True)
