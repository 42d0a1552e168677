"""The monitoring flow: the champion judges a window of incoming cells."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from pydantic import BaseModel

from flows import PROJECT, cli, history
from flows.artifacts import publish_section
from flows.incoming import existing_folder
from flows.summary import columns, shown
from flows.workspaces import check_profile
from smearflow.errors import SmearflowError
from smearflow.monitoring.policy import VERDICT
from smearflow.params import load_params
from smearflow.registry import Champion, Registry
from smearflow.report.sections import monitor_section

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
        SmearflowError: there is none yet, or no such profile.
    """
    champion = Registry(PROJECT / "registry").champion(profile)
    if champion is None:
        check_profile(PROJECT, profile)
        raise SmearflowError(
            f"profile {profile} has no model in use", f"train one: make run PROFILE={profile}"
        )
    return champion


@flow(flow_run_name="monitoring {profile}", persist_result=False)
def monitoring(profile: str, window: Path = DEFAULT_WINDOW) -> dict[str, Any]:
    """Judge a window; the verdict goes on record, and drift becomes the event `smearflow.drift`.

    Args:
        profile: whose champion judges.
        window: folder of unlabelled cell images; a relative one is inside the project.

    Returns:
        The verdict, as the monitor stage writes it.

    Raises:
        SmearflowError: there is no champion or no such folder.
    """
    champion, now = champion_of(profile), datetime.now(UTC)
    place = PROJECT / window
    if not place.is_dir():
        raise SmearflowError(f"the window {place} is no folder", "name a folder of cell images")
    folder = PROJECT / "reports/monitoring" / profile / f"{now:%Y-%m-%dT%H-%M-%S-%f}"
    verdict = judge(champion, place, folder)
    history.note(
        PROJECT,
        profile,
        VERDICT,
        now,
        verdict=verdict["verdict"],
        model_id=champion.model_id,
        window_sha256=verdict["window"]["sha256"],
        cells=verdict["window"]["cells"],
        share=verdict["share"],
    )
    print(describe(verdict, folder), flush=True)
    if verdict["verdict"] == "drift":
        _emit(profile, verdict)
    _publish(folder)
    return verdict


@task(cache_policy=NO_CACHE, persist_result=False)
def judge(champion: Champion, window: Path, folder: Path) -> dict[str, Any]:
    """Judge a window by the monitor stage's library; `folder` looks like a run of that stage."""
    from smearflow.monitoring.windows import judge_window  # here, because it loads Evidently

    outputs, reports = folder / "outputs/monitor", folder / "reports/monitor"
    outputs.mkdir(parents=True)
    reports.mkdir(parents=True)
    params = load_params(champion.folder / "params.yaml")
    return judge_window(
        champion.export,
        champion.baseline,
        window,
        PROJECT / "expectations/incoming.json",
        params.monitor.least_cells,
        outputs,
        reports,
        bits=params.monitor.bits,
        patterns=[source.patient_pattern for source in params.ingest.sources],
    )


def _publish(folder: Path) -> None:
    section = monitor_section(folder)
    if section is not None:
        create_markdown_artifact("\n\n".join(section.sentences), key="verdict")
        publish_section(section)


def _emit(profile: str, verdict: dict[str, Any]) -> None:
    drift = Drift(
        profile=profile,
        window_sha256=verdict["window"]["sha256"],
        share=verdict["share"],
        alerts=verdict["alerts"],
    )
    emit_event(
        DRIFT_EVENT,
        resource={"prefect.resource.id": event_resource(profile)},
        payload=drift.model_dump(),
    )


def describe(verdict: dict[str, Any], folder: Path) -> str:
    """A verdict as text for the terminal."""
    window = verdict["window"]
    rows = [
        ("verdict", verdict["verdict"]),
        ("window", f"{window['cells']:,} cells, {window['undecodable']:,} files not decodable"),
        *(("", line) for line in (*verdict.get("notes", ()), *verdict["alerts"])),
        ("look at", f"{shown(folder / 'reports/monitor')}, and `make ui`"),
    ]
    return columns(rows)


def main() -> None:
    """Judge a folder of incoming cells by a profile's champion."""
    options = cli.parser("monitoring", main.__doc__)
    options.add_argument("--incoming", help="folder of images; else data/incoming")
    arguments = options.parse_args()
    window = cli.folder_of(arguments.incoming) or DEFAULT_WINDOW
    cli.run(
        lambda: monitoring(arguments.profile, window),
        check=lambda: (champion_of(arguments.profile), existing_folder(PROJECT / window)),
        debug=arguments.debug,
    )


if __name__ == "__main__":
    main()
