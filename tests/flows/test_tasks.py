"""Stages run by Prefect through the real DVC, in toy projects."""

import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from prefect import flow

from flows.processes import end_group, start_guarded, tool_environment
from flows.sending import wait_until_sent
from flows.tasks import StageRun, run_stages, stage_order
from smearflow.ground.errors import SmearflowError
from smearflow.ground.stderr import library_log
from tests.commands import dvc
from tests.flows.toy import FIRST, python, toy_params, write_toy, write_yaml
from tests.material import PROJECT
from tests.stages.project import tree


@flow(name="toy")
def all_stages(root: Path) -> list[StageRun]:
    return run_stages(root, stage_order(root))


@flow(name="toy")
def run_only(root: Path, stage: str) -> list[StageRun]:
    return run_stages(root, [stage])


def outcomes(runs: Sequence[StageRun]) -> dict[str, str]:
    return {run.stage: run.outcome for run in runs}


@dataclass(frozen=True)
class Finished:
    """A toy project of three stages after a first flow run; its folder's name has a space."""

    root: Path
    runs: list[StageRun]
    printed: str


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, cells: Path, prefect_api: str) -> Finished:
    del prefect_api  # flows need it
    root = tmp_path_factory.mktemp("toy project")
    write_toy(root, FIRST)
    set_seed(root, cells, 1)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        runs = all_stages(root)
    return Finished(root, runs, printed.getvalue())


@pytest.fixture
def root(tmp_path: Path, finished: Finished) -> Path:
    """A copy of the finished project."""
    return shutil.copytree(finished.root, tmp_path / "toy project")


def set_seed(project: Path, cells: Path, seed: int) -> None:
    write_yaml(project / "params.yaml", toy_params(cells, seed))


def test_stages_come_after_what_they_need(finished: Finished) -> None:
    assert stage_order(finished.root) == list(FIRST)
    assert stage_order(finished.root, until="split") == ["ingest", "split"]


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ({"a": {"deps": ["x"], "outs": ["y"]}, "b": {"deps": ["y/z"], "outs": ["x"]}}, "circle"),
        ({"b": {}}, "has no stage a"),
    ],
)
def test_an_impossible_order_is_an_error(
    tmp_path: Path, stages: dict[str, object], message: str
) -> None:
    write_yaml(tmp_path / "dvc.yaml", {"stages": stages})
    with pytest.raises(SmearflowError, match=message):
        stage_order(tmp_path, until="a")


def test_every_stage_runs_and_what_it_says_is_shown(finished: Finished) -> None:
    assert outcomes(finished.runs) == dict.fromkeys(FIRST, "ran")
    for number, run in enumerate(finished.runs, start=1):
        assert f"\n[{number}/3] {run.stage}: ran, {run.seconds:.1f} s\n" in finished.printed
    assert finished.printed.startswith("[1/3] ingest\n    nih: ")
    assert "\n    nih: 192 files\n[1/3] ingest: " in finished.printed
    assert "Running stage" not in finished.printed


def test_a_flow_and_dvc_alone_agree(root: Path) -> None:
    lock = (root / "dvc.lock").read_bytes()
    assert "Running stage" not in python(root, "-m", "dvc", "repro").stdout
    assert (root / "dvc.lock").read_bytes() == lock
    assert outcomes(all_stages(root)) == dict.fromkeys(FIRST, "unchanged")
    assert (root / "dvc.lock").read_bytes() == lock


@pytest.mark.parametrize("length", [0, 10])
def test_half_a_lock_file_is_made_anew(root: Path, length: int) -> None:
    lock = (root / "dvc.lock").read_bytes()
    (root / "dvc.lock").write_bytes(lock[:length])
    assert outcomes(all_stages(root)) == dict.fromkeys(FIRST, "cached")
    assert (root / "dvc.lock").read_bytes() == lock


def test_a_changed_parameter_runs_only_what_depends_on_it(root: Path, cells: Path) -> None:
    expected = {"ingest": "unchanged", "split": "unchanged", "export": "ran"}
    set_seed(root, cells, 2)
    assert outcomes(all_stages(root)) == expected
    set_seed(root, cells, 1)
    assert outcomes(run_only(root, "export")) == {"export": "cached"}


def test_a_failing_stage_is_its_own_one_line_error(root: Path, cells: Path) -> None:
    set_seed(root, cells, 13)
    with pytest.raises(SmearflowError, match=r"^export: train.seed is unlucky; set another one$"):
        run_only(root, "export")
    (root / "stages/ingest.py").write_text("raise ZeroDivisionError('no cells')\n")
    with pytest.raises(SmearflowError, match=r"^ingest .*: ZeroDivisionError: no cells; read"):
        run_only(root, "ingest")
    (root / "stages/ingest.py").unlink()
    with pytest.raises(SmearflowError, match=r"ingest: .*stages/ingest.py"):
        run_only(root, "ingest")


def logged(url: str, flow_run_id: str) -> list[str]:
    """The lines in the log of a flow run."""
    wait_until_sent(60)
    of = {"logs": {"flow_run_id": {"any_": [flow_run_id]}}}
    return [line["message"] for line in httpx.post(f"{url}/api/logs/filter", json=of).json()]


def test_what_libraries_write_is_in_the_log_and_not_on_the_terminal(
    root: Path, cells: Path, prefect_api: str, capfd: pytest.CaptureFixture[str]
) -> None:
    log, said = library_log(root, "export"), "native code of"
    set_seed(root, cells, 4)
    state = run_only(root, "export", return_state=True)
    printed = capfd.readouterr()
    assert said not in printed.out + printed.err
    assert log.read_text().count(said) == 2
    lines = logged(prefect_api, str(state.state_details.flow_run_id))
    assert sum(said in line for line in lines) == 2
    set_seed(root, cells, 13)
    with pytest.raises(SmearflowError, match="unlucky"):
        run_only(root, "export")
    assert not log.exists()
    set_seed(root, cells, 66)
    with pytest.raises(SmearflowError, match=rf"^export ended with .*; read .* and {log}$"):
        run_only(root, "export")
    assert "Check failed" in log.read_text()
    by_itself = python(root, "-m", "dvc", "repro", "--single-item", "export").stdout
    assert "failed to run" in by_itself
    assert said not in by_itself


def test_results_that_do_not_reach_the_cache_are_an_error(root: Path, cells: Path) -> None:
    objects = root / ".dvc/cache/files/md5"
    before = tree(objects)
    # links to nowhere where the folders of new objects should be
    blocks = [objects / f"{number:02x}" for number in range(256)]
    blocks = [block for block in blocks if not block.exists()]
    for block in blocks:
        block.symlink_to("nowhere")
    set_seed(root, cells, 5)
    with pytest.raises(SmearflowError, match=r"results of export are not in DVC's cache: .*; make"):
        run_only(root, "export")
    for block in blocks:
        block.unlink()
    assert tree(objects) == before
    dvc(root, "commit", "export")
    assert set(tree(objects)) > set(before)
    assert outcomes(run_only(root, "export")) == {"export": "unchanged"}


def waiting_stage(process: "subprocess.Popen[bytes]") -> int:
    """The process id of the stage that waits, once it does."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(rb"waiting as (\d+)", line):
            return int(found.group(1))
    raise AssertionError("the stage never waited")


def wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + 20
    while state := subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip():
        if state.startswith("Z"):  # ended, and nobody asked for its status
            return
        assert time.monotonic() < deadline, f"process {pid} still lives"
        time.sleep(0.05)


def test_a_folder_where_dvc_works_is_busy(
    root: Path, cells: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_seed(root, cells, 99)
    repro = start_guarded(
        [sys.executable, "-m", "dvc", "repro", "export"],
        cwd=root,
        environment=tool_environment(),
        output=subprocess.PIPE,
    )
    try:
        stage = waiting_stage(repro)
        with monkeypatch.context() as patched:
            patched.setattr("flows.tasks.BUSY_SECONDS", 0.5)
            with pytest.raises(SmearflowError, match=r"is busy.* \(PID \d+\): .* repro"):
                run_only(root, "export")
    finally:
        end_group(repro, 5)
    wait_for_end(stage)
    set_seed(root, cells, 3)
    assert outcomes(run_only(root, "export")) == {"export": "ran"}


# tests that run in the background hand down a SIGINT that is ignored
FLOW = """
import signal
import sys
from pathlib import Path
from tests.flows.test_tasks import run_only
signal.signal(signal.SIGINT, signal.default_int_handler)
run_only(Path(sys.argv[1]), "export")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_killed_flow_leaves_no_stage_behind(
    root: Path, cells: Path, prefect_api: str, number: signal.Signals
) -> None:
    set_seed(root, cells, 99)
    flow_process = subprocess.Popen(
        [sys.executable, "-c", FLOW, str(root)],
        cwd=PROJECT,
        env=os.environ | {"PREFECT_API_URL": f"{prefect_api}/api"},
        stdout=subprocess.PIPE,
    )
    stage = waiting_stage(flow_process)
    flow_process.send_signal(number)
    assert flow_process.wait(60) != 0
    wait_for_end(stage)
