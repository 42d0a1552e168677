"""`kill -9` at any moment: nothing stays behind, and the same command again completes the run."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from flows.processes import tool_environment
from smearflow.progress import progress_file
from smearflow.registry import PARTS, Registry
from tests.end_to_end.clones import hashes
from tests.end_to_end.moments import OF_DVC, OF_FLOW, Moment
from tests.stages.project import tree

REACH_SECONDS = 600.0
END_SECONDS = 120.0
HALF_DONE = {".tmp", ".new", ".old", ".part"}
REPRO = (sys.executable, "-m", "dvc", "repro")
TRAINING = (sys.executable, "-m", "flows.training", "--profile", "short", "--incoming")


def cases(moments: Iterable[Moment]) -> list[object]:
    return [
        pytest.param(each, id=each.name, marks=[pytest.mark.slow] if each.slow else [])
        for each in moments
    ]


@pytest.mark.parametrize("moment", cases(OF_DVC))
def test_a_killed_repro(moment: Moment, first: Path, tmp_path: Path) -> None:
    root = unfinished(first, tmp_path / "clone", moment.stage)
    kill(moment, REPRO, root, tmp_path)
    complete(REPRO, root, tmp_path)
    assert hashes(root) == hashes(first)
    assert half_done(root) == []


@pytest.mark.parametrize("moment", cases(OF_FLOW))
def test_a_killed_training_flow(moment: Moment, first: Path, tmp_path: Path) -> None:
    root = unfinished(first, tmp_path / "clone", moment.stage)
    shutil.copy2(first / "params.yaml", root / "profiles/short.yaml")
    command = (*TRAINING, str(first / "data/incoming"))
    kill(moment, command, root, tmp_path)
    complete(command, root, tmp_path)
    workspace = root / "workspaces/short"
    assert hashes(workspace) == hashes(first)
    assert half_done(root) == []
    assert_promoted_once(root, workspace)


def unfinished(first: Path, root: Path, stage: str | None) -> Path:
    """A copy of the finished run in which one stage is yet to run."""
    shutil.copytree(first, root, symlinks=True)
    if stage is None:
        return root
    lock = YAML(typ="safe").load(root / "dvc.lock")
    del lock["stages"][stage]
    YAML().dump(lock, root / "dvc.lock")
    for results in ("outputs", "reports"):
        shutil.rmtree(root / results / stage)
    kept = [file for file in (root / ".dvc/cache/runs").rglob("*") if file.is_file()]
    (own,) = (file for file in kept if f"cmd: python -m stages.{stage}\n" in file.read_text())
    shutil.rmtree(own.parent)  # else DVC would restore the results
    return root


def environment(folder: Path) -> dict[str, str]:
    """By its mark every process that a command starts can be found, whoever its parent is."""
    return tool_environment() | {"SMEARFLOW_TEST_COMMAND": str(folder)}


def kill(moment: Moment, command: Sequence[str], root: Path, folder: Path) -> None:
    """Start a command, kill it at the moment, wait until all it started is gone.

    Args:
        folder: where the command's output and its signal go.
    """
    with stopped(moment, command, root, folder) as (process, parent):
        assert list(root.glob(moment.left)), f"nothing is at {moment.left}"
        if moment.orphan:
            os.kill(parent, signal.SIGKILL)
            assert process.wait(END_SECONDS) != 0
            assert_nothing_stays(folder)
    assert_nothing_stays(folder)


@contextlib.contextmanager
def stopped(
    moment: Moment, command: Sequence[str], root: Path, folder: Path
) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A command at the moment, and the parent of its stopped process; killed at the end."""
    fifo, log = folder / "reached", folder / "killed.log"
    os.mkfifo(fifo)
    program = moment.program or f"stages.{moment.stage}"
    hooked = environment(folder) | {
        "PYTHONPATH": str(Path(__file__).with_name("stopping")),
        "SMEARFLOW_TEST_MOMENT": json.dumps(
            asdict(moment) | {"program": program, "signal": str(fifo)}
        ),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=root, env=hooked, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process, first_signal(fifo, process, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def first_signal(fifo: Path, process: "subprocess.Popen[bytes]", log: Path) -> int:
    """The id of the parent of the process that stopped; fails if the command ends before."""
    reader, ended = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK), os.pidfd_open(process.pid)
    try:
        ready, _, _ = select.select([reader, ended], [], [], REACH_SECONDS)
        assert reader in ready, f"not reached: {log.read_text()}"
        return int(os.read(reader, 20))
    finally:
        os.close(reader)
        os.close(ended)


def complete(command: Sequence[str], root: Path, folder: Path) -> None:
    """Run the command to its end."""
    done = subprocess.run(
        command,
        cwd=root,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert_nothing_stays(folder)


def assert_nothing_stays(folder: Path) -> None:
    deadline = time.monotonic() + END_SECONDS
    while left := marked(folder):
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(0.05)


def marked(folder: Path) -> list[str]:
    """Command lines of the living processes that a command of this test started."""
    mark = f"SMEARFLOW_TEST_COMMAND={folder}\0".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it ended meanwhile, or it is another user's
            continue
    return found


def half_done(root: Path) -> list[Path]:
    """What an interrupted run left below its folder, beside the tools' own.

    How far its stages were stays, for whoever displays it.
    """
    own = [path for path in root.iterdir() if path.name not in (".git", ".dvc", ".prefect")]
    below = [*own, *(path for top in own if top.is_dir() for path in top.rglob("*"))]
    shown = progress_file(root, "any").parent.name
    return [
        path
        for path in below
        if path.suffix in HALF_DONE or (path.parent.name == "work" and path.name != shown)
    ]


def assert_promoted_once(root: Path, workspace: Path) -> None:
    registry = Registry(root / "registry")
    champion = registry.champion("short")
    assert champion is not None
    for part in PARTS:
        assert tree(champion.folder / part) == tree(workspace / "outputs" / part)
    (event,) = registry.history("short")
    assert (event["event"], event["model_id"]) == ("promoted", champion.model_id)
    assert [path.name for path in champion.folder.parent.iterdir()] == [champion.model_id]
    assert len((root / "registry/looks.jsonl").read_text().splitlines()) == 1
