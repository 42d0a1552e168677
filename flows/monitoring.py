"""The monitoring flow: the champion judges a window of incoming cells."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from pydantic import BaseModel

from flows import PROJECT, history
from flows.artifacts import publish_section
from flows.decisions import decisions, model_at_hand, open_registry
from flows.incoming import existing_folder
from flows.settings import check_name, check_profile
from flows.summary import shown
from smearflow.ground.errors import SmearflowError
from smearflow.records.verdict import Verdict
from smearflow.release.folder import Champion
from smearflow.release.policy import VERDICT
from smearflow.report.drift.verdict import alerts, notes
from smearflow.report.sections.monitor import monitor_section
from smearflow.report.text import columns

DRIFT_EVENT = "smearflow.drift"
DEFAULT_WINDOW = Path("data/incoming")


class Drift(BaseModel):
    """What an event of drift tells."""

    profile: str
    window_sha256: str
    share: float
    alerts: list[str]


def event_resource(profile: str) -> str:
    """The Prefect resource that events about a profile's champion concern."""
    return f"smearflow.champion.{profile}"


def champion_of(profile: str) -> Champion:
    """The model in use.

    Raises:
        SmearflowError: there is none yet, no such profile, or its files can't be fetched.
    """
    check_name(profile)
    champion = open_registry(PROJECT).champion(profile)
    if champion is None:
        check_profile(PROJECT, profile)
        raise SmearflowError(
            f"profile {profile} has no model in use", f"train one: make run PROFILE={profile}"
        )
    return model_at_hand(PROJECT, champion)


def check_window(profile: str, window: Path) -> None:
    """Look whether there is a model to judge a window by, and the window.

    Raises:
        SmearflowError: there is none.
    """
    champion_of(profile)
    existing_folder(PROJECT / window)


@flow(flow_run_name="monitoring {profile}", persist_result=False)
def monitoring(profile: str, window: Path = DEFAULT_WINDOW) -> Verdict:
    """Judge a window; the verdict goes on record, and drift becomes the event `smearflow.drift`.

    Args:
        profile: whose champion judges.
        window: folder of unlabelled cell images; a relative one is inside the project.

    Raises:
        SmearflowError: there is no champion or no such folder.
    """
    champion, now = champion_of(profile), datetime.now(UTC)
    place = PROJECT / window
    if not place.is_dir():
        raise SmearflowError(f"the window {place} is no folder", "name a folder of cell images")
    folder = PROJECT / "reports/monitoring" / profile / f"{now:%Y-%m-%dT%H-%M-%S-%f}"
    verdict = judge_by_champion(champion, place, folder)
    with decisions(PROJECT, f"{profile}: a window is {verdict.verdict}") as registry:
        history.note(
            registry,
            profile,
            VERDICT,
            now,
            verdict=verdict.verdict,
            model_id=champion.model_id,
            window_sha256=verdict.window.sha256,
            cells=verdict.window.cells,
            share=verdict.share,
        )
    print(verdict_text(verdict, folder), flush=True)
    if verdict.verdict == "drift":
        _emit(profile, verdict)
    _publish(folder)
    return verdict


@task(name="judge", cache_policy=NO_CACHE, persist_result=False)
def judge_by_champion(champion: Champion, window: Path, folder: Path) -> Verdict:
    """Judge a window by the monitor stage's library; `folder` looks like a run of that stage."""
    from smearflow.windows.judge import judge_window  # here, because it takes seconds

    outputs, reports = Verdict.path(folder).parent, folder / "reports/monitor"
    outputs.mkdir(parents=True)
    reports.mkdir(parents=True)
    card = champion.card
    own = champion.folder / card.suite if card.suite else None
    return judge_window(
        champion.export,
        champion.baseline,
        window,
        own or PROJECT / "expectations/incoming.json",
        card.least_cells,
        outputs,
        reports,
        bits=card.window_bits,
        patterns=card.patient_patterns,
    )


def _publish(folder: Path) -> None:
    from smearflow.report.pictures.drift import draw_drift  # here, because it takes seconds

    reports = folder / "reports"
    draw_drift(folder, reports / "monitor")
    section = monitor_section(folder, reports)
    if section is not None:
        create_markdown_artifact("\n\n".join(section.sentences), key="verdict")
        publish_section(section)


def _emit(profile: str, verdict: Verdict) -> None:
    drift = Drift(
        profile=profile,
        window_sha256=verdict.window.sha256,
        share=verdict.share,
        alerts=alerts(verdict),
    )
    emit_event(
        DRIFT_EVENT,
        resource={"prefect.resource.id": event_resource(profile)},
        payload=drift.model_dump(),
    )


def verdict_text(verdict: Verdict, folder: Path) -> str:
    """A verdict as text for the terminal."""
    window = verdict.window
    rows = [
        ("verdict", verdict.verdict),
        ("window", f"{window.cells:,} cells, {window.undecodable:,} files not decodable"),
        *(("", line) for line in (*notes(verdict), *alerts(verdict))),
        ("look at", f"{shown(folder / 'reports/monitor')}, and `make ui`"),
    ]
    return columns(rows)
