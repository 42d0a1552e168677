"""The flows as programs and as deployments, in a toy project with a real Prefect server."""

import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.acting import acting
from flows.decisions import open_registry
from flows.deployments import DAILY
from flows.history import note, read
from flows.monitoring import Drift, monitoring
from flows.processes import end_group, start_guarded, tool_environment
from flows.retraining import retraining
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import append_json_line
from smearflow.ground.settings import load_yaml
from smearflow.params.whole import load_params
from smearflow.records.feedback import SiteNamed
from smearflow.records.verdict import Verdict
from smearflow.release.policy import RETRAINED, RETRAINING, VERDICT
from tests.bad_input.cases import NO_LABELLED
from tests.bad_input.lab import readable
from tests.commands import git
from tests.flows.toy import STAGES, python, write_yaml
from tests.material import write_cells
from tests.records import examples
from tests.stages.project import tree

_IN_A_PROJECT = (
    "acting",
    "challenge",
    "feedback",
    "labels",
    "monitoring",
    "promotion",
    "retraining",
    "training",
)
TERMINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@pytest.fixture(scope="module")
def trained(served_toy: tuple[Path, str], cells: Path) -> tuple[Path, str]:
    """The toy project after a training run, and what that printed."""
    project, _ = served_toy
    run = python(project, "-m", "flows.program", "run", "--profile", "toy", "--data", str(cells))
    assert run.returncode == 0, run.stdout
    return project, run.stdout


def test_a_run_ends_with_its_result(trained: tuple[Path, str]) -> None:
    _, printed = trained
    place = [printed.index(f"/{len(STAGES)}] {stage}: ran, ") for stage in STAGES]
    assert place == sorted(place)
    result = printed[place[-1] :]
    assert "test figures: 96 cells of 12 unseen patients" in result
    assert "accuracy           1.000 (1.000–1.000)  1.000 (1.000–1.000)" in result
    assert "test accuracy  1.0000, wanted 0.1000  met" in result
    assert "edge model  runs/toy/outputs/export/m.tflite (0.00 MB)" in result
    assert "test set    look number 1 at these patients" in result
    assert "as the profile's first" in result
    assert re.search(r"saved as +toy-\d{8}-\d{6}\n", result)
    assert "runs/toy/reports/pages/index.html" in result


def test_a_run_leaves_decisions_pages_and_a_shared_cache(trained: tuple[Path, str]) -> None:
    project, _ = trained
    assert (project / "runs/toy/reports/pages/index.html").is_file()
    assert not (project / "runs/toy/.dvc/cache").exists()
    assert any((project / ".dvc/cache/files").rglob("*"))
    champion = open_registry(project).champion("toy")
    assert champion is not None
    assert champion.card.code == git(project, "rev-parse", "HEAD").strip()
    decided = git(project, "ls-tree", "-r", "--name-only", "registry").splitlines()
    assert {"looks.jsonl", "toy/champion.json", f"toy/models/{champion.model_id}.dvc"} <= set(
        decided
    )


def test_a_run_leaves_the_clone_as_it_was(trained: tuple[Path, str]) -> None:
    project, _ = trained
    assert git(project, "status", "--porcelain") == ""
    assert not (project / "outputs").exists()
    assert git(project, "branch", "--show-current") == "main\n"


def test_tables_and_the_result_are_artifacts(trained: tuple[Path, str], prefect_api: str) -> None:
    del trained
    artifacts = httpx.post(f"{prefect_api}/api/artifacts/latest/filter", json={}).json()
    assert {"summary", "stages", "evaluate", "edge", "time", "split-progress"} <= {
        a["key"] for a in artifacts
    }


def test_an_error_is_one_line(trained: tuple[Path, str], cells: Path) -> None:
    project, _ = trained
    command = ("-m", "flows.program", "run", "--profile", "toy", "--data", str(cells))
    failed = python(project, *command, "--set", "train.seed=13")
    assert failed.returncode == 1
    assert failed.stdout.splitlines()[-1] == (
        "error: export: train.seed is unlucky; set another one"
    )
    assert "Traceback" not in failed.stdout
    pages = "runs/toy/reports/pages/index.html"
    assert f"what there is of the run: {pages}\n" in failed.stdout
    assert '<section id="evaluate">' in (project / pages).read_text()


def test_cells_that_are_not_labelled_change_nothing(
    trained: tuple[Path, str], tmp_path: Path
) -> None:
    project, _ = trained
    places = [project / name for name in ("data/labelled", "registry", ".dvc/cache")]
    before = [tree(place) for place in places]
    ended = python(
        project, "-m", "flows.program", "retrain", "--profile", "toy", "--cells", str(tmp_path)
    )
    assert ended.returncode == 1
    assert tuple(readable(ended.stdout, cells=tmp_path)) == NO_LABELLED.messages
    assert [tree(place) for place in places] == before


@pytest.fixture
def service(
    trained: tuple[Path, str], prefect_api: str
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The server's address, and the process that serves the toy project's deployments."""
    project, _ = trained
    with (project / ".prefect/serve.log").open("wb") as log:
        process = start_guarded(
            [sys.executable, "-m", "flows.program", "schedule", "--profile", "toy"],
            cwd=project,
            environment=tool_environment(),
            output=log,
        )
    try:
        eventually(lambda: post(prefect_api, "automations"), process)
        yield prefect_api, process
    finally:
        end_group(process, 20)


def post(url: str, what: str, **filters: Any) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = httpx.post(f"{url}/api/{what}/filter", json=filters).json()
    return answer


def eventually(
    look: Callable[[], list[dict[str, Any]]], process: "subprocess.Popen[bytes]"
) -> list[dict[str, Any]]:
    """What `look` returns once it is not empty."""
    deadline = time.monotonic() + 180
    while not (found := look()):
        assert process.poll() is None, "the service ended"
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.2)
    return found


@pytest.fixture
def project(trained: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The trained toy project; flows called in this process work there."""
    for module in _IN_A_PROJECT:
        monkeypatch.setattr(f"flows.{module}.PROJECT", trained[0])
    return trained[0]


@pytest.fixture
def drifting(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str | None]]:
    """Every window drifts; the patterns by which names were read, window by window."""
    read_by: list[Sequence[str | None]] = []
    window = examples.VERDICT.window.model_copy(update={"cells": 60, "files": 60})
    scores = (examples.VERDICT.scores[0].model_copy(update={"score": 0.3, "drifted": True}),)
    found = {"scores": scores, "share": 0.5, "verdict": "drift"}
    verdict = examples.VERDICT.model_copy(update=found | {"window": window})

    def judge(
        _champion: object, _window: Path, folder: Path, patterns: Sequence[str | None]
    ) -> Verdict:
        read_by.append(patterns)
        (folder / "outputs/monitor").mkdir(parents=True)
        verdict.write(folder / "outputs/monitor")
        return verdict

    monkeypatch.setattr("flows.monitoring.judge_by_champion", judge)
    return read_by


def hand_in_cells(project: Path, folder: Path, first_patient: int) -> None:
    write_cells(folder, patients=2, per_class=1, first_patient=first_patient, seed=first_patient)
    # by the program of the toy project: its edge model is one of a toy
    words = ("feedback", "add", "--profile", "toy", "--site", "lab", "--", str(folder))
    ended = python(project, "-m", "flows.program", *words)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.usefixtures("drifting")
def test_labels_and_drift_lead_to_one_retraining_that_takes_the_better_model(
    project: Path, service: tuple[str, "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    url, process = service
    first = open_registry(project).champion("toy")

    def ended(asker: str) -> list[dict[str, Any]]:
        flow_runs = post(url, "flow_runs", flows={"name": {"any_": ["retraining"]}})
        triggered = [run for run in flow_runs if run["deployment_id"]]
        asked = [run for run in triggered if run["parameters"].get(asker)]
        return [run for run in asked if run["state"]["type"] in TERMINAL]

    hand_in_cells(project, tmp_path, 300)
    by_labels = eventually(lambda: ended("asker"), process)
    assert [run["parameters"]["asker"] for run in by_labels] == ["labels"]
    for _ in range(2):
        monitoring("toy", tmp_path)
    runs = eventually(lambda: ended("drift"), process)
    assert {run["state"]["type"] for run in (*by_labels, *runs)} == {"COMPLETED"}
    assert len(runs) == 1
    drift = runs[0]["parameters"]["drift"]
    (alert,) = drift.pop("alerts")
    assert "sharpness" in alert
    assert drift == {"profile": "toy", "window_sha256": "0" * 64, "share": 0.5}
    champion = open_registry(project).champion("toy")
    assert first is not None
    assert champion is not None
    assert champion.model_id != first.model_id
    assert "no worse" in champion.reason
    root = project / "runs/toy-retraining"
    sources = load_params(root / "params.yaml").ingest.sources
    assert [source.name[:8] for source in sources] == ["nih", "labelled"]
    assert load_params(project / "runs/toy/params.yaml").ingest.sources[1:] == ()
    with zipfile.ZipFile(root / f"outputs/ingest/raw/{sources[1].name}.zip") as new:
        assert len(new.namelist()) == 4
    begun = [
        event["sources"] for event in read(open_registry(project), "toy") if "sources" in event
    ]
    assert begun == [[sources[1].name]]
    assert git(project, "status", "--porcelain") == ""
    schedules = [row["schedules"] for row in post(url, "deployments") if row["schedules"]]
    assert [row["schedule"]["cron"] for (row,) in schedules] == [DAILY]


def with_rules(project: Path, **rules: float) -> None:
    """Change when a retraining of the toy project may start."""
    file = project / "profiles/toy.yaml"
    params = load_yaml(file)
    write_yaml(file, params | {"retrain": params["retrain"] | rules})


def started(project: Path) -> list[str]:
    """When retrainings of the toy project began."""
    events = read(open_registry(project), "toy")
    return [event["at"] for event in events if event["event"] == RETRAINING]


@pytest.mark.usefixtures("drifting", "prefect_api")
def test_drift_waits_for_new_cells_and_for_the_cooldown(project: Path, tmp_path: Path) -> None:
    drift = Drift(profile="toy", window_sha256="0" * 64, share=0.5, alerts=[])
    monitoring("toy", tmp_path)
    registry = open_registry(project)
    note(registry, "toy", RETRAINING, datetime.now(UTC))
    before, champion = started(project), registry.champion("toy")
    assert "no labelled cells that" in retraining("toy", drift=drift)
    hand_in_cells(project, tmp_path / "new", 400)
    assert "a retraining started at" in retraining("toy", drift=drift)
    assert started(project) == before
    assert registry.champion("toy") == champion


@pytest.mark.usefixtures("drifting", "prefect_api")
def test_without_a_service_monitoring_may_act_by_itself(project: Path, tmp_path: Path) -> None:
    note(open_registry(project), "toy", RETRAINING, datetime.now(UTC))
    before = started(project)
    told = acting("toy", tmp_path)
    assert "drift: one that started at" in told
    assert "labels: one that started at" in told
    note(open_registry(project), "toy", RETRAINED, datetime.now(UTC), answer="failed")
    hand_in_cells(project, tmp_path / "new", 500)
    with_rules(project, cooldown_hours=0, most_a_week=99)
    assert "no retraining" not in acting("toy", tmp_path)
    assert len(started(project)) == len(before) + 1


@pytest.mark.usefixtures("prefect_api")
def test_names_of_a_window_are_read_as_those_of_a_named_site_too(
    project: Path, drifting: list[Sequence[str | None]], tmp_path: Path
) -> None:
    monitoring("toy", tmp_path)
    event = SiteNamed(site="lake", pattern=r"lake-(?P<patient>\d+)", at="2030-01-01T00:00:00")
    store = project / "data/labelled/toy"
    store.mkdir(parents=True, exist_ok=True)
    append_json_line(store / "events.jsonl", event.model_dump(mode="json"))
    monitoring("toy", tmp_path)
    before, after = drifting
    assert after == [*before, event.pattern]


@pytest.mark.usefixtures("drifting", "prefect_api")
def test_a_verdict_goes_on_record(project: Path, tmp_path: Path) -> None:
    verdict = monitoring("toy", tmp_path)
    assert verdict.verdict == "drift"
    last = read(open_registry(project), "toy")[-1]
    assert (last["event"], last["verdict"], last["cells"]) == (VERDICT, "drift", 60)
    assert list((project / "reports/monitoring/toy").glob("*/outputs/monitor/verdict.json"))
    with pytest.raises(SmearflowError, match=r"nowhere is no folder"):
        monitoring("toy", tmp_path / "nowhere")
    with pytest.raises(SmearflowError, match=r"there is no profile other; choose one of"):
        monitoring("other", tmp_path)
