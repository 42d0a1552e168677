"""The monitoring flow: the champion judges a window of incoming cells."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from pydantic import BaseModel

from flows import PROJECT, history
from flows.artifacts import publish_section
from flows.asking import ask
from flows.decisions import decisions, model_at_hand, open_registry
from flows.events import DRIFT_EVENT
from flows.incoming import existing_folder
from flows.labels import labelled_folder, read_store
from flows.notify import notify
from flows.settings import check_name, check_profile, settings_file
from flows.summary import shown
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_bytes
from smearflow.monitoring.asking import asks_for_retraining
from smearflow.monitoring.over_time import OverTime, follow, in_a_row
from smearflow.params.whole import load_params
from smearflow.records.verdict import Verdict
from smearflow.release.folder import Champion
from smearflow.release.policy import VERDICT
from smearflow.report.drift.patients import over_time_text
from smearflow.report.drift.verdict import alerts, notes
from smearflow.report.sections.monitor import monitor_section
from smearflow.report.text import columns

DEFAULT_WINDOW = Path("data/incoming")


class Drift(BaseModel):
    """What an event of drift tells."""

    profile: str
    window_sha256: str
    share: float
    alerts: list[str]


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
    settings, model_id = load_params(settings_file(PROJECT, profile)), champion.model_id
    sites = read_store(labelled_folder(profile)).sites.values()
    patterns = [*champion.card.patient_patterns, *(site.pattern for site in sites if site.pattern)]
    verdict = judge_by_champion(champion, place, folder, patterns)
    with decisions(PROJECT, f"{profile}: a window is {verdict.verdict}") as registry:
        noted = _noted(verdict, model_id)
        past = [*history.read(registry, profile), noted | {"event": VERDICT}]
        outlook = _outlook(past, model_id, verdict)
        asked = asks_for_retraining(
            verdict, outlook, in_a_row(past, model_id), settings.monitor.confirmations
        )
        history.note(registry, profile, VERDICT, now, **noted, asks=asked.yes)
    told = [over_time_text(outlook), asked.reason]
    text = verdict_text(verdict, folder, told)
    write_bytes(folder / "verdict.txt", f"{text}\n".encode())
    print(text, flush=True)
    if asked:
        _ask(profile, verdict, told if outlook.alarm else [])
    if asked or verdict.verdict == "drift":
        notify(settings.alerts.blocks, f"smearflow, {profile}: {verdict.verdict}", text)
    _publish(folder)
    return verdict


def _noted(verdict: Verdict, model_id: str) -> dict[str, Any]:
    """What the decisions keep of a verdict; later ones are followed from it (`over_time`)."""
    patients = verdict.patients.patients if verdict.patients else ()
    by_name = sorted(patients, key=lambda each: each.patient)  # no order that scores decide
    return {
        "verdict": verdict.verdict,
        "model_id": model_id,
        "window_sha256": verdict.window.sha256,
        "cells": verdict.window.cells,
        "share": verdict.share,
        "flagged": [each.patient for each in patients if each.flagged],
        "patients": [{"patient": each.patient, "scores": each.scores} for each in by_name],
    }


def _outlook(past: Sequence[Mapping[str, Any]], model_id: str, verdict: Verdict) -> OverTime:
    usual = verdict.patients.usual_scores.items() if verdict.patients else ()
    return follow(past, model_id, {str(kind): scores for kind, scores in usual})


@task(name="judge", cache_policy=NO_CACHE, persist_result=False)
def judge_by_champion(
    champion: Champion, window: Path, folder: Path, patterns: Sequence[str | None]
) -> Verdict:
    """Judge a window by the monitor stage's library; `folder` looks like a run of that stage.

    Args:
        patterns: that find patients in the names of the window's files.
    """
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
        patterns=patterns,
    )


def _publish(folder: Path) -> None:
    from smearflow.report.pictures.drift import draw_drift  # here, because it takes seconds

    reports = folder / "reports"
    draw_drift(folder, reports / "monitor")
    section = monitor_section(folder, reports)
    if section is not None:
        create_markdown_artifact("\n\n".join(section.sentences), key="verdict")
        publish_section(section)


def _ask(profile: str, verdict: Verdict, more: Sequence[str]) -> None:
    """Ask for a retraining by an event."""
    drift = Drift(
        profile=profile,
        window_sha256=verdict.window.sha256,
        share=verdict.share,
        alerts=[*alerts(verdict), *more],
    )
    ask(PROJECT, DRIFT_EVENT, profile, drift.model_dump())


def verdict_text(verdict: Verdict, folder: Path, more: Sequence[str] = ()) -> str:
    """A verdict, and more lines that belong to it, as text for the terminal."""
    window = verdict.window
    rows = [
        ("verdict", verdict.verdict),
        ("window", f"{window.cells:,} cells, {window.undecodable:,} files not decodable"),
        *(("", line) for line in (*notes(verdict), *alerts(verdict), *more)),
        ("look at", f"{shown(folder / 'reports/monitor')}, and `make ui`"),
    ]
    return columns(rows)
