"""The one Prefect task that runs a DVC stage, and the order of the stages."""

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import UUID

from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from ruamel.yaml import YAML

from flows.processes import end_group, start_guarded, tool_environment
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import read_json_lines
from smearflow.ground.progress import Status, progress_file, show, status_line
from smearflow.ground.stderr import library_log
from stages.runner import Definition

BUSY_SECONDS = 3.0  # for about half a second after a kill, DVC takes its own lock for a live one
GRACE_SECONDS = 5.0
_OUTCOMES = {
    "ran": re.compile(r"Running stage '"),
    "cached": re.compile(r"Stage '.*' is cached - skipping run"),
    "unchanged": re.compile(r"Stage '.*' didn't change, skipping"),
}
_DVC_LINES = re.compile(
    r"$|> |Running stage |Stage '|Updating lock file|Generating lock file|Use `dvc push`"
    r"|Data and pipelines are up to date|To track the changes|To enable auto staging"
    r"|\tgit add|\tdvc config"
    r"|ERROR: |WARNING: Process '|  \(PID |If there are no processes with such PIDs"
)
_BROKEN_LOCK = re.compile(r"dvc\.lock' (?:is invalid|validation failed)\.")
_BUSY = re.compile(r"is busy, it is being blocked by:\s*(?P<who>\(PID .*)|Unable to acquire lock")
_NOT_KEPT = re.compile(r"ERROR: failed to transfer '\S+' - (?P<why>.*)")


@dataclass(frozen=True)
class StageRun:
    """What became of a stage: ran, cached (its results came from DVC's cache) or unchanged."""

    stage: str
    outcome: str
    seconds: float


def stage_order(root: Path, until: str | None = None) -> list[str]:
    """Stages of dvc.yaml, each after those whose outputs it reads, otherwise as in the file.

    Args:
        until: only this stage and what it needs.

    Raises:
        SmearflowError: dvc.yaml has no such stage, or stages wait for each other.
    """
    stages: dict[str, Definition] = YAML(typ="safe").load(root / "dvc.yaml")["stages"]
    needs = {name: _upstream(stages, name) for name in stages}
    if until is not None:
        if until not in stages:
            raise SmearflowError(f"dvc.yaml has no stage {until}", "name one of its stages")
        needs = {name: needs[name] for name in _with_upstream(needs, until)}
    order: list[str] = []
    while len(order) < len(needs):
        ready = [name for name in needs if name not in order and needs[name] <= set(order)]
        if not ready:
            raise SmearflowError("stages in dvc.yaml wait for each other", "break the circle")
        order.append(ready[0])
    return order


def _upstream(stages: Mapping[str, Definition], name: str) -> set[str]:
    """The stages that write a dependency of this one, or something inside or around it."""
    deps = [Path(dep) for dep in stages[name].get("deps", [])]
    return {
        other
        for other, definition in stages.items()
        for out in map(Path, definition.get("outs", []))
        if any(dep.is_relative_to(out) or out.is_relative_to(dep) for dep in deps)
    }


def _with_upstream(needs: dict[str, set[str]], name: str) -> list[str]:
    found, waiting = set(), [name]
    while waiting:
        current = waiting.pop()
        found.add(current)
        waiting.extend(needs[current] - found)
    return [stage for stage in needs if stage in found]


def run_stages(
    root: Path, stages: Sequence[str], of: Sequence[str] | None = None
) -> list[StageRun]:
    """Run stages one after the other, within a flow; progress on the terminal.

    Args:
        of: all stages of the run, where these are a part; for the numbers shown.
    """
    every = list(of or stages)
    runs = []
    for stage in stages:
        place = f"[{every.index(stage) + 1:>{len(str(len(every)))}}/{len(every)}]"
        print(f"{place} {stage}", flush=True)
        done = run_stage.with_options(task_run_name=stage)(root, stage)
        print(f"{place} {stage}: {done.outcome}, {done.seconds:.1f} s", flush=True)
        runs.append(done)
    return runs


@task(name="stage", cache_policy=NO_CACHE, persist_result=False)
def run_stage(root: Path, stage: str) -> StageRun:
    """Run one stage by `dvc repro --single-item`; its lines go to the run's log and the terminal,
    those that libraries write to the log alone.

    Raises:
        SmearflowError: the stage failed, with its own message; its results did not reach DVC's
            cache; or another DVC process works in that folder.
    """
    started = time.monotonic()
    progress = _StageProgress(root, stage)
    library_log(root, stage).unlink(missing_ok=True)  # of an earlier run
    while True:
        lines: list[str] = []
        try:
            with contextlib.closing(_repro(root, stage)) as output:
                for line in output:
                    lines.append(line)
                    _show(line, progress.latest())
        except subprocess.CalledProcessError as error:
            _log_libraries(root, stage)
            _clear_way(root, stage, lines, error.returncode, time.monotonic() - started)
        else:
            _require_kept(root, stage, lines)
            _log_libraries(root, stage)
            return StageRun(stage, _outcome(lines), round(time.monotonic() - started, 1))


def _clear_way(root: Path, stage: str, lines: Sequence[str], status: int, seconds: float) -> None:
    """Return where DVC failed for a reason that is gone at another try; raise the error else."""
    said = "\n".join(lines)
    if _BROKEN_LOCK.search(said):  # DVC writes it in place, so that a kill can leave half
        (root / "dvc.lock").unlink()
        print("dvc.lock was half written: made anew, results come from DVC's cache", flush=True)
        return
    holder = _BUSY.search(said)
    if holder is None:
        raise _stage_error(root, stage, lines, status) from None
    if seconds > BUSY_SECONDS:
        raise SmearflowError(
            f"{root} is busy: another DVC process works there {holder.group('who') or ''}",
            "wait until it has ended, or stop it",
        ) from None


def _require_kept(root: Path, stage: str, lines: Sequence[str]) -> None:
    """DVC calls a stage whose results it could not put into its cache a success."""
    for line in lines:
        if failed := _NOT_KEPT.match(line):
            raise SmearflowError(
                f"the results of {stage} are not in DVC's cache: {failed.group('why')}",
                f"make room there, run `dvc commit {stage}` in {root}, then run again",
            )


def _repro(root: Path, stage: str) -> Generator[str]:
    """The lines of `dvc repro`, as they come; whoever stops listening ends the stage.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", "dvc", "repro", "--single-item", stage]
    process = start_guarded(
        command, cwd=root, environment=tool_environment(), output=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        for raw in process.stdout:
            yield raw.decode(errors="replace").rstrip()
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, command)
    finally:
        end_group(process, GRACE_SECONDS)


def _show(line: str, status: Status | None) -> None:
    """Everything goes to the run's log; the terminal gets what the stage itself says."""
    get_run_logger().info(line)
    if not _DVC_LINES.match(line):
        show(f"    {line}", status)


def _log_libraries(root: Path, stage: str) -> None:
    """Put the lines that libraries wrote during a stage into the run's log."""
    log = library_log(root, stage)
    if log.is_file():
        for line in log.read_text(errors="replace").splitlines():
            get_run_logger().info(line)


class _StageProgress:
    """What a stage writes of its progress, shown as an artifact of its task run."""

    def __init__(self, root: Path, stage: str) -> None:
        self._file = progress_file(root, stage)
        self._file.unlink(missing_ok=True)  # of a run that was interrupted
        self._key = f"{stage}-progress"
        self._artifact: UUID | None = None
        self._shown: Status | None = None

    def latest(self) -> Status | None:
        """The stage's last status; None if it has written none."""
        statuses = cast(list[Status], read_json_lines(self._file))
        if statuses and statuses[-1] != self._shown:
            self._shown = statuses[-1]
            self._publish(self._shown)
        return self._shown

    def _publish(self, status: Status) -> None:
        percent = 100 * status["done"] / status["total"]
        text = status_line(status)
        if self._artifact is None:
            created = create_progress_artifact(percent, key=self._key, description=text)
            self._artifact = cast(UUID, created)  # a coroutine in asynchronous code only
        else:
            update_progress_artifact(self._artifact, percent, description=text)


def _outcome(lines: Sequence[str]) -> str:
    """What DVC said it did; it says nothing only where it ran a stage without a command."""
    for outcome, pattern in _OUTCOMES.items():
        if any(pattern.match(line) for line in lines):
            return outcome
    return "ran"


def _stage_error(root: Path, stage: str, lines: Sequence[str], status: int) -> SmearflowError:
    """The stage's own one-line error; else DVC's; else the last line of what it printed."""
    said = [line for line in lines if line.strip()]
    for prefix in ("error: ", "ERROR: "):
        for line in reversed(said):
            if line.startswith(prefix) and "failed to run: " not in line:
                problem, _, action = line.removeprefix(prefix).rpartition("; ")
                if problem:
                    return SmearflowError(problem, action)
                return SmearflowError(f"{stage}: {action}", "put that right and run again")
    last = next((line for line in reversed(said) if not _DVC_LINES.match(line)), "no message")
    log = library_log(root, stage)  # a library that ends the process tells it there alone
    place = f"its lines above, and {log}" if log.is_file() else "its lines above"
    return SmearflowError(f"{stage} ended with status {status}: {last}", f"read {place}")
