"""Bad input of the flows; the messages are those of tests/bad_input."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.settings import Request
from flows.worktrees import held, working_folder, worktree_folder
from smearflow.ground.errors import SmearflowError
from smearflow.ground.proxies import LOOPBACK
from smearflow.release.registry import Registry
from tests.bad_input.cases import (
    BAD_PROXY,
    NO_DATA,
    NO_GIT,
    NO_IMAGES,
    NO_PORT,
    NO_PROFILE,
    NO_RUN,
    NO_SAVED_RUN,
    NO_SERVER,
    NO_WORKTREE,
    NOT_EVALUATED,
    OWN_WINDOW,
    TWO_PIPELINES,
    WRONG_SETTING,
    Row,
)
from tests.bad_input.lab import readable
from tests.flows.toy import FIRST, STAGES, python, write_toy
from tests.proxy import recording_proxy
from tests.stages.project import tree

TRAINING = ("-m", "flows.program", "run", "--profile")


def told(project: Path, printed: str) -> list[str]:
    return readable(printed, project=project)


@pytest.mark.parametrize(
    ("row", "options"),
    [(NO_DATA, ("toy", "--data", "nowhere")), (NO_PROFILE, ("other",))],
    ids=["data", "profile"],
)
def test_what_is_not_there_is_told_at_once(
    row: Row, options: tuple[str, ...], served_toy: tuple[Path, str]
) -> None:
    project, _ = served_toy
    ended = python(project, *TRAINING, *options)
    assert ended.returncode == 1
    assert tuple(told(project, ended.stdout)) == row.messages
    loud = python(project, *TRAINING, *options, "--debug")
    assert loud.stdout.startswith("Traceback (most recent call last):\n")
    assert tuple(told(project, loud.stdout)[-1:]) == row.messages


@pytest.mark.parametrize(
    ("row", "verb", "options"),
    [
        (NO_PROFILE, "schedule", ("--profile", "other")),
        (NO_PROFILE, "monitor", ("--profile", "other")),
        (NO_PROFILE, "retrain", ("--profile", "other")),
        (NO_PROFILE, "report", ("--profile", "other", "--run", "")),
        (NO_PROFILE, "predict", ("--profile", "other", "--run", "", "images")),
        (NO_RUN, "report", ("--profile", "toy", "--run", "nowhere")),
        (NO_RUN, "predict", ("--profile", "toy", "--run", "nowhere", "images")),
        (NO_IMAGES, "predict", ("--profile", "toy", "--run", "", "--", "")),
        (NO_SAVED_RUN, "promote", ("nowhere",)),
        (NO_PROFILE, "promote", (".", "--profile", "other")),
        (NOT_EVALUATED, "promote", (".",)),
        (NO_PORT, "ui", ("--port", "abc")),
        (NO_PORT, "schedule", ("--profile", "toy", "--port", "abc")),
        (WRONG_SETTING, "validate", ("--profile", "toy", "--set", "train.epoch=5")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_missing_or_misspelt_is_one_line(
    row: Row, verb: str, options: tuple[str, ...], served_toy: tuple[Path, str]
) -> None:
    project, _ = served_toy
    ended = python(project, "-m", "flows.program", verb, *options)
    assert ended.returncode == 1
    assert tuple(told(project, ended.stdout)) == row.messages


def test_a_second_pipeline_is_told_who_works_there(served_toy: tuple[Path, str]) -> None:
    project, _ = served_toy
    profiles = project / "profiles"
    (profiles / "busy.yaml").write_bytes((profiles / "toy.yaml").read_bytes())
    try:
        with held(project, worktree_folder(project, "busy")):
            second = python(project, *TRAINING, "busy")
    finally:
        (profiles / "busy.yaml").unlink()
    assert second.returncode == 1
    assert tuple(told(project, second.stdout)) == TWO_PIPELINES.messages
    assert not worktree_folder(project, "busy").exists()


def without_git(project: Path) -> Request:
    shutil.rmtree(project / ".git")
    return Request()


def with_notes_of_a_person(project: Path) -> Request:
    (project / "runs/toy").mkdir(parents=True)
    (project / "runs/toy/notes.txt").touch()
    return Request()


def with_images_of_a_person(project: Path) -> Request:
    (project / "data/incoming/own.png").touch()
    return Request(incoming=str(project / "outputs"))


@pytest.mark.parametrize(
    ("row", "profile", "spoil"),
    [
        (NO_GIT, "toy", without_git),
        (NO_WORKTREE, "toy", with_notes_of_a_person),
        (OWN_WINDOW, "sample", with_images_of_a_person),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_where_a_run_cannot_work_it_changes_nothing(
    row: Row, profile: str, spoil: Callable[[Path], Request], tmp_path: Path
) -> None:
    project = write_toy(tmp_path, FIRST)
    (project / "outputs").mkdir()
    request = spoil(project)
    before = tree(project)
    with (
        pytest.raises(SmearflowError) as raised,
        working_folder(project, profile, request),
    ):
        pass
    assert tuple(told(project, f"error: {raised.value}")) == row.messages
    after = tree(project)
    assert {name for name in after if not name.startswith(".dvc/tmp/")} == set(before)
    assert {name: after[name] for name in before} == before


def test_a_proxy_that_cannot_be_used_is_named(
    served_toy: tuple[Path, str], cells: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, _ = served_toy
    for name in ("HTTP_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", ",".join(LOOPBACK))
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy:1080")
    ended = python(project, *TRAINING, "toy", "--data", str(cells))
    assert ended.returncode == 1
    assert told(project, ended.stdout) == list(BAD_PROXY.messages)


def test_without_a_server_and_behind_a_proxy_a_run_goes_on_and_loses_nothing(
    tmp_path: Path, cells: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the case DEAD_URL: nobody is asked there, with or without a server of the project
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    project = write_toy(tmp_path)
    (project / ".prefect").write_text("a file where the server's folder should be")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with recording_proxy() as proxy:
        for name in ("HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        ended = python(project, *TRAINING, "sample", "--data", str(cells))
        assert proxy.asked == []  # flows, their server and its websockets keep to this machine
    assert ended.returncode == 0, ended.stdout
    lines = told(project, ended.stdout)
    assert tuple(line for line in lines if line.startswith("warning: ")) == NO_SERVER.messages
    assert "Traceback" not in ended.stdout
    names = {name.partition("/")[0] for name in tree(project / "outputs")}
    assert names == set(STAGES) - {"pages"}
    assert (project / "reports/pages/index.html").is_file()
    assert not (project / "runs").exists()
    assert Registry(project / "registry").champion("sample") is not None
    assert "Running stage" not in python(project, "-m", "dvc", "repro").stdout
