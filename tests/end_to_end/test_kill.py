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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from flows.processes import tool_environment
from smearflow.ground.progress import progress_file
from smearflow.ground.stderr import library_log
from smearflow.release.folder import PARTS
from smearflow.release.registry import Registry
from tests.commands import dvc, git
from tests.end_to_end.clones import hashes
from tests.end_to_end.moments import OF_DVC, OF_FLOW, Moment
from tests.stages.project import tree

pytestmark = pytest.mark.slow

REACH_SECONDS = 600.0
END_SECONDS = 120.0
HALF_DONE = {".tmp", ".new", ".old", ".part"}
REPRO = (sys.executable, "-m", "dvc", "repro")
WORKERS = ("--set", "engine.workers=2")  # other settings than the clone's, and the same results
RUN = (sys.executable, "-m", "flows.program", "run")
TRAINING = (*RUN, "--profile", "short", *WORKERS, "--incoming")
SLOW_FILE = "pyproject.toml"


@pytest.mark.parametrize("moment", OF_DVC, ids=lambda moment: moment.name)
def test_a_killed_repro(moment: Moment, first: Path, tmp_path: Path) -> None:
    root = unfinished(first, tmp_path / "clone", moment.stage)
    kill(moment, REPRO, root, tmp_path)
    complete(REPRO, root, tmp_path)
    assert hashes(root) == hashes(first)
    assert half_done(root) == []


@pytest.mark.parametrize("moment", OF_FLOW, ids=lambda moment: moment.name)
def test_a_killed_training_flow(moment: Moment, first: Path, tmp_path: Path) -> None:
    root = with_profile(first, unfinished(first, tmp_path / "clone", moment.stage))
    before = git(root, "status", "--porcelain"), git(root, "rev-parse", "HEAD")
    command = (*TRAINING, str(first / "data/incoming"))
    kill(moment, command, root, tmp_path)
    complete(command, root, tmp_path)
    assert_complete(root, first)
    assert (git(root, "status", "--porcelain"), git(root, "rev-parse", "HEAD")) == before


def test_a_training_flow_that_is_killed_while_git_makes_its_worktree(
    first: Path, tmp_path: Path
) -> None:
    root = with_profile(first, unfinished(first, tmp_path / "clone", None))
    fifo = tmp_path / "reached"
    os.mkfifo(fifo)
    # git runs this when it writes that file, and waits for it
    git(root, "config", "filter.slow.smudge", f"echo $PPID > '{fifo}' && exec sleep 1000")
    (root / ".git/info/attributes").write_text(f"{SLOW_FILE} filter=slow\n")
    command = (*TRAINING, str(first / "data/incoming"))
    with started(command, root, environment(tmp_path), tmp_path / "killed.log") as process:
        first_signal(fifo, process, tmp_path / "killed.log")
        assert (root / "runs/short/.git").is_file()
        assert not (root / "runs/short" / SLOW_FILE).exists()
    assert_nothing_stays(tmp_path)
    (root / ".git/info/attributes").unlink()
    complete(command, root, tmp_path)
    assert_complete(root, first)


def with_profile(first: Path, root: Path) -> Path:
    """The clone with its settings as a profile, which a run of it uses in `runs/short`."""
    shutil.copy2(first / "params.yaml", root / "profiles/short.yaml")
    return root


def assert_complete(root: Path, first: Path) -> None:
    """The run in `runs/short` has the results of an undisturbed one, saved and promoted once."""
    run = root / "runs/short"
    assert hashes(run) == hashes(first)
    assert half_done(root) == []
    assert_promoted_once(root, run)
    (saved,) = git(root, "for-each-ref", "--format=%(refname)", "refs/exps/").split()
    assert saved.split("/")[-1].startswith("short-")
    assert git(root, "show", f"{saved}:dvc.lock") == (run / "dvc.lock").read_text()


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
    with started(command, root, hooked, log) as process:
        yield process, first_signal(fifo, process, log)


@contextlib.contextmanager
def started(
    command: Sequence[str], root: Path, settings: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """A command that is killed at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=root, env=settings, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
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

    How far its stages were and what libraries wrote stays, for whoever displays it.
    """
    tools = {".git", ".dvc", ".prefect"}
    below = [path for path in root.rglob("*") if tools.isdisjoint(path.relative_to(root).parts)]
    shown = {file.parent.name for file in (progress_file(root, "any"), library_log(root, "any"))}
    return [
        path
        for path in below
        if path.suffix in HALF_DONE or (path.parent.name == "work" and path.name not in shown)
    ]


def assert_promoted_once(root: Path, run: Path) -> None:
    """One champion and one look, committed; git has the model's name, DVC its files."""
    registry = Registry(root / "registry")
    champion = registry.champion("short")
    assert champion is not None
    for part in PARTS:
        assert tree(champion.folder / part) == tree(run / "outputs" / part)
    (event,) = registry.history("short")
    assert (event["event"], event["model_id"]) == ("promoted", champion.model_id)
    kept = {f"{champion.model_id}.dvc", f"{champion.model_id}.cells.dvc"}
    there = {path.name for path in champion.folder.parent.iterdir()} - {".gitignore"}
    assert there == {champion.model_id, *kept}
    assert len((root / "registry/looks.jsonl").read_text().splitlines()) == 1
    assert git(root / "registry", "status", "--porcelain") == ""
    tracked = git(root / "registry", "ls-files", "short/models").split()
    assert {Path(name).name for name in tracked} - {".gitignore"} == kept
    shutil.rmtree(champion.folder)
    dvc(root / "registry", "checkout", "--quiet")
    cells = champion.folder.with_name(f"{champion.model_id}.cells")
    assert tree(cells) == tree(run / "outputs/ingest")
    assert tree(champion.export) == tree(run / "outputs/export")
