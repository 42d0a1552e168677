"""The command: verbs, what they are asked, how they end."""

import errno
import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest

from flows import cli, program, project_of, server
from flows.processes import tool_environment
from tests.bad_input.cases import SERVER_GONE
from tests.flows.toy import FIRST, python, write_toy
from tests.material import PROJECT

TRAINING = ["run", "validate", "monitor", "retrain", "promote", "crossval", "batch-size"]
DECIDING = ["approve", "rollback", "history"]
VERBS = [
    *TRAINING[:5],
    *DECIDING,
    *TRAINING[5:],
    "predict",
    "report",
    "runs",
    "clean-cache",
    "schedule",
    "ui",
    "drift-ui",
]
GROUPS = {"feedback": ["add", "queue"]}
SLOW_TO_IMPORT = ("prefect", "tensorflow", "dvc", "numpy", "pandas", "pydantic", "httpx")


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program sets in this process is undone."""
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("SMEARFLOW_DEBUG", "")


def status(*words: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        program.main(words)
    return ended.value.code


def test_help_is_there_at_once() -> None:
    code = (
        "import contextlib, json, sys\n"
        "from flows import program\n"
        "with contextlib.suppress(SystemExit):\n"
        "    program.main(['--help'])\n"
        "print(json.dumps(list(sys.modules)))\n"
    )
    printed = python(PROJECT, "-c", code).stdout
    shown, _, modules = printed.rstrip().rpartition("\n")
    assert [line.split()[0] for line in shown.split("Commands:\n")[1].splitlines()] == [
        *VERBS,
        *GROUPS,
    ]
    assert "..." not in shown.split("Commands:\n")[1]  # every verb is told in a line
    assert {name.partition(".")[0] for name in json.loads(modules)}.isdisjoint(SLOW_TO_IMPORT)


@pytest.mark.parametrize(
    "verb", [*VERBS, *(f"{group} {verb}" for group, verbs in GROUPS.items() for verb in verbs)]
)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(*verb.split(), "--help") == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"Usage: smearflow {verb} ")
    assert "--debug" in printed


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "see smearflow --help"),
        (("runn",), "'runn'"),
        (("run", "--dat", "cells"), "--dat .*; see smearflow run --help"),
        (("promote",), "RUN.*; see smearflow promote --help"),
        (("predict", "cells", "--bits", "3"), "--bits"),
        (("runs", "nih"), "nih"),
    ],
    ids=str,
)
def test_words_it_does_not_know_are_one_line(
    words: Sequence[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(*words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert re.search(told, line)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What flows are called with, once they have passed the look at it."""
    found: list[dict[str, Any]] = []

    def called(_flow: object, profile: str, *, check: Callable[[], object], **named: Any) -> None:
        check()
        found.append({"profile": profile} | named)

    monkeypatch.setattr(cli, "run_served", called)
    return found


def test_empty_options_ask_for_nothing(asked: list[dict[str, Any]]) -> None:
    assert status("run", "--data", "", "--backbone", "", "--incoming", "", "--set", "") == 0
    assert status("run") == 0
    places = dict.fromkeys(("data", "backbone", "incoming"))
    assert asked == [{"profile": "sample", "overrides": [], **places}] * 2


def test_options_are_taken_as_they_are(asked: list[dict[str, Any]], tmp_path: Path) -> None:
    cells = tmp_path / "my 'cells'"
    cells.mkdir()
    words = ("--profile", "nih", "--data", str(cells), "--set", "train.epochs=5 tune.trials=3")
    assert status("crossval", *words) == 0
    assert asked == [
        {
            "profile": "nih",
            "data": str(cells),
            "backbone": None,
            "overrides": ["train.epochs=5", "tune.trials=3"],
        }
    ]


@pytest.mark.parametrize("loud", [(), ("--debug",)], ids=["", "debug"])
def test_an_error_is_one_line(
    loud: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: Path) -> NoReturn:
        raise PermissionError(errno.EACCES, "", "cache")

    monkeypatch.setattr("flows.storage.clean_cache", fail)
    assert status("clean-cache", *loud) == 1
    *trace, line = capsys.readouterr().err.splitlines()
    assert line == (
        "error: cache: Permission denied; let this user read and write there, and run again"
    )
    assert trace[:1] == ["Traceback (most recent call last):"][: len(loud)]


def test_a_server_that_is_gone_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> NoReturn:
        with server.connection("http://127.0.0.1:9"):
            raise httpx.ConnectError("[Errno 111] Connection refused")

    monkeypatch.setattr("flows.runs.noted_runs", work)
    assert status("runs") == 1
    assert tuple(capsys.readouterr().err.splitlines()) == SERVER_GONE.messages


def test_on_other_systems_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    assert status("runs") == "error: smearflow does not run on win32; use Linux or macOS"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy(tmp_path_factory.mktemp("a clone"), FIRST)


def test_a_project_is_found_from_within_it(clone: Path) -> None:
    run = clone / "runs/nih"
    (run / "reports").mkdir(parents=True, exist_ok=True)
    (run / "dvc.yaml").touch()
    assert {project_of(place) for place in (clone, clone / "stages", run, run / "reports")} == {
        clone
    }
    assert project_of(clone.parent) is None
    other = clone / "others/nih"  # a project of its own that lies in this one
    other.mkdir(parents=True, exist_ok=True)
    (other / "dvc.yaml").touch()
    assert project_of(other) == other


WAITS = """
import flows.storage

def wait(_):
    print("waits", flush=True)
    signal.pause()

flows.storage.clean_cache = wait
"""


def command(place: Path, *words: str, before: str = "") -> "subprocess.Popen[str]":
    """The program in a folder, its code that of this project, as an installed one's is."""
    # tests that run in the background hand down a SIGINT that is ignored
    code = (
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"{before}\nfrom flows.program import main\nmain()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        cwd=place,
        env=tool_environment() | {"PYTHONPATH": str(PROJECT), "PYTHONSAFEPATH": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_installed_program_works_in_the_project_of_the_current_folder(
    clone: Path, tmp_path: Path
) -> None:
    told = command(clone / "stages", "runs").communicate(timeout=120)
    assert told == ("no run is saved yet: make run\n", "")
    assert (clone / "registry/.git").is_file()
    outside = command(tmp_path, "runs")
    printed, error = outside.communicate(timeout=60)
    assert (outside.returncode, printed) == (1, "")
    (line,) = error.splitlines()
    assert line.startswith(f"error: neither {tmp_path} nor a folder above it holds dvc.yaml; ")


def test_a_reader_that_is_gone_is_no_error(clone: Path) -> None:
    listed = command(clone, "--help")
    assert listed.stdout is not None
    listed.stdout.close()
    assert listed.stderr is not None
    assert (listed.stderr.read(), listed.wait()) == ("", 128 + signal.SIGPIPE)


@pytest.mark.parametrize(
    ("number", "ends", "error"),
    [(signal.SIGTERM, 143, ""), (signal.SIGINT, -signal.SIGINT, "stopped\n")],
)
def test_signals_end_it_without_a_traceback(
    number: signal.Signals, ends: int, error: str, clone: Path
) -> None:
    waiting = command(clone, "clean-cache", before=WAITS)
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "waits\n"
    waiting.send_signal(number)
    assert waiting.communicate(timeout=60) == ("", error)
    assert waiting.returncode == ends
