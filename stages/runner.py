"""What every stage shares: settings, folders, whole results or none, one-line errors."""

import argparse
import inspect
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from smearflow.ground.errors import SmearflowError, as_smearflow
from smearflow.ground.files import replace_folder, tree_sha256, write_json
from smearflow.ground.pipes import end_if_unread
from smearflow.ground.progress import progress_file
from smearflow.ground.settings import fingerprint, load_yaml, validated
from smearflow.ground.stderr import libraries_into, library_log


@dataclass(frozen=True)
class Folders:
    """Where one run of one stage reads and writes.

    Attributes:
        root: the folder that holds dvc.yaml.
        outputs: written by the stage, becomes outputs/<stage>/ when it returns: results, the same
            bytes on every run.
        reports: becomes reports/<stage>/: logs, timings, what libraries draw themselves; and in the
            last stage all pages and pictures.
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


Stage = Callable[..., None]
"""A function whose parameters are `folders` (Folders) and sections of params.yaml by their names,
its own as `settings`; each is read as the class it is annotated with."""


class Definition(TypedDict, total=False):
    """A stage in dvc.yaml; paths are inside the folder that holds it."""

    cmd: str
    deps: list[str]
    params: list[str]
    outs: list[str]


UNTRACKED = ("engine", "locations")  # sections that no result depends on, unknown to DVC


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
    settings = stage_arguments(root, stage)
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
    with libraries_into(library_log(root, name)):
        stage(**settings, folders=folders)
    seconds = round(time.perf_counter() - started, 1)
    write_json(folders.reports / "seconds.json", {"seconds": seconds})
    replace_folder(folders.reports, root / "reports" / name)
    if any(folders.outputs.iterdir()):  # one that only shows has no results
        replace_folder(folders.outputs, root / "outputs" / name)
    _remove(root / "work" / name)


def state_hash(root: Path, stage: str) -> str:
    """Hash of what DVC would compare: the stage's dependencies and parameters in dvc.yaml.

    Returns:
        16 hex digits.

    Raises:
        SmearflowError: dvc.yaml has no such stage, or a dependency is missing.
    """
    deps = _definition(root, stage)["deps"]
    return fingerprint(
        {
            "deps": {path: _hash_of(root / path) for path in deps},
            "params": _declared(root, stage),
        }
    )[:16]


def stage_arguments(root: Path, stage: Stage) -> dict[str, object]:
    """What a stage is called with, beside its folders: no more of params.yaml than dvc.yaml
    declares for it, and the sections that no result depends on.

    Raises:
        SmearflowError: params.yaml is missing, or a value that the stage reads is missing or wrong;
            the message names it.
    """
    name, file = stage.__name__, root / "params.yaml"
    values = _declared(root, name) | {key: load_yaml(file).get(key) for key in UNTRACKED}
    found = {}
    for parameter in inspect.signature(stage).parameters.values():
        if parameter.name != "folders":
            section = name if parameter.name == "settings" else parameter.name
            found[parameter.name] = validated(
                parameter.annotation, values.get(section), file, section
            )
    return found


def _definition(root: Path, stage: str) -> Definition:
    definition: Definition | None = load_yaml(root / "dvc.yaml")["stages"].get(stage)
    if definition is None:
        raise SmearflowError(f"dvc.yaml has no stage {stage}", "add it there")
    return definition


def _declared(root: Path, stage: str) -> dict[str, Any]:
    """The part of params.yaml whose dotted keys dvc.yaml lists for a stage."""
    settings = load_yaml(root / "params.yaml")
    part: dict[str, Any] = {}
    for dotted in _definition(root, stage).get("params", []):
        *parents, last = dotted.split(".")
        source, target = settings, part
        for key in parents:
            source, target = source.get(key, {}), target.setdefault(key, {})
        if last in source:
            target[last] = source[last]
    return part


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
