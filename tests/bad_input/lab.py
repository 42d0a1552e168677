"""A laboratory's project with earlier good results, and its commands run in copies of it."""

import multiprocessing
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from flows.processes import tool_environment
from smearflow.ground.files import write_json
from smearflow.params.model import Configuration
from smearflow.records.search.best import Best
from tests.commands import dvc
from tests.material import PROJECT, short_params, write_cells
from tests.stages.project import make_project, tree, write_params

STAGES = ("ingest", "validate", "split")
KEPT = ("outputs", ".dvc/cache", "registry", "data/labelled")
_LONG_IMPORTS = [
    "smearflow.model.quiet",
    "great_expectations.render.view",
    "smearflow.model.training",
]
# a process forked from one that has imported all this starts at once
_FORKED = multiprocessing.get_context("forkserver")


@dataclass
class Lab:
    """A copy of the good project, for a case to spoil.

    Attributes:
        folder: holds everything of the copy.
        params: written to params.yaml before a command runs.
        environment: variables of the commands.
        prepare: called in the process of a command before its work.
    """

    folder: Path
    params: dict[str, Any]
    environment: dict[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] | None = None

    @property
    def root(self) -> Path:
        """The project."""
        return self.folder / "project"

    @property
    def cells(self) -> Path:
        """240 cells of 24 patients, 120 a class."""
        return self.folder / "cells"

    @property
    def module(self) -> Path:
        """The place of a backbone; nothing is there."""
        return self.folder / "module"

    @property
    def archive(self) -> Path:
        """The place of an archive of cells; nothing is there."""
        return self.folder / "archive.zip"

    @property
    def source(self) -> dict[str, Any]:
        """The settings of the only source."""
        source: dict[str, Any] = self.params["ingest"]["sources"][0]
        return source

    @property
    def files(self) -> list[Path]:
        """The uninfected cells."""
        return sorted((self.cells / "Uninfected").iterdir())

    def readable(self, printed: str) -> list[str]:
        """Lines in which the places of this copy have names."""
        return readable(
            printed,
            project=self.root,
            cells=self.cells,
            module=self.module,
            archive=self.archive,
        )

    def kept(self, without: Iterable[str] = ()) -> dict[str, bytes]:
        """All earlier results by name, but for those of stages that have been run again."""
        again = tuple(f"outputs/{stage}/" for stage in without)
        files = {
            f"{name}/{file}": content
            for name in KEPT
            for file, content in tree(self.root / name).items()
        }
        return {name: files[name] for name in files if not name.startswith(again)}


@dataclass(frozen=True)
class Ended:
    """How a command ended, and the lines it printed, temporary places replaced by their names."""

    status: int | None
    lines: list[str]

    def starting(self, *words: str) -> tuple[str, ...]:
        """The lines that start so."""
        return tuple(line for line in self.lines if line.startswith(words))


def make_lab(folder: Path) -> Lab:
    """A project whose first stages have run and whose results are in DVC's cache."""
    lab = Lab(folder, {})
    write_cells(lab.cells, per_class=5)
    lab.params = short_params(lab.cells, lab.module)
    make_project(lab.root, lab.params)
    (lab.root / ".dvc").mkdir()
    (lab.root / ".dvc/config").write_text("[core]\n    analytics = false\n    no_scm = true\n")
    for stage in STAGES:
        ended = run_stage(lab, stage)
        assert ended.status == 0, ended.lines
    dvc(lab.root, "commit", "--force", *STAGES)
    folder = Best.path(lab.root).parent
    folder.mkdir()
    best = Best(configuration=Configuration(), trial_id="0", val_loss=0.2, val_accuracy=0.9)
    best.write(folder)
    for name in (
        "registry/sample/champion.json",
        "data/labelled/sample/0001-0123456789ab/cell.json",
    ):
        (lab.root / name).parent.mkdir(parents=True)
        write_json(lab.root / name, {"kept": True})
    return lab


def copied(good: Lab, folder: Path) -> Lab:
    """A copy of a lab in another folder."""
    shutil.copytree(good.folder, folder, symlinks=True)
    lab = Lab(folder, {})
    lab.params = short_params(lab.cells, lab.module)
    return lab


def run_stage(lab: Lab, stage: str, *arguments: str) -> Ended:
    """`python -m stages.<stage>` in a process of its own."""
    write_params(lab.root, lab.params)
    log = lab.folder / "printed"
    status = forked(partial(_stage, lab, stage, arguments, log))
    return Ended(status, lab.readable(log.read_text()))


def forked(work: Callable[[], object]) -> int | None:
    """The exit status of a process of its own that does this work."""
    process = _FORKED.Process(target=work)
    process.start()
    process.join()
    return process.exitcode


def run_program(lab: Lab, *command: str) -> Ended:
    """A command in the project's folder, as a user types it."""
    write_params(lab.root, lab.params)
    done = subprocess.run(
        command,
        cwd=lab.root,
        env=tool_environment() | lab.environment | {"PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Ended(done.returncode, lab.readable(done.stdout))


def start_forking() -> None:
    """Have the slow imports done once, in the process that commands are forked from."""
    _FORKED.set_forkserver_preload(_LONG_IMPORTS)


def _stage(lab: Lab, stage: str, arguments: tuple[str, ...], log: Path) -> None:
    printed = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.chdir(lab.root)
    os.environ.update(lab.environment)
    if lab.prepare:
        lab.prepare()
    sys.argv = [stage, *arguments]
    runpy.run_module(f"stages.{stage}", run_name="__main__")


def readable(printed: str, **places: Path) -> list[str]:
    """Lines in which places, hashes, ports and processes are told by what they are."""
    for name, place in places.items():
        printed = printed.replace(str(place), f"<{name}>")
    printed = re.sub(r"\b[0-9a-f]{64}\b", "<sha256>", printed)
    printed = re.sub(r"work/(\w+)/[0-9a-f]{16}", r"work/\1/<hash>", printed)
    printed = re.sub(r"more than \d+ bytes", "more than <limit> bytes", printed)
    printed = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:<port>", printed)
    return re.sub(r"(PID |process )\d+", r"\1<pid>", printed).splitlines()
