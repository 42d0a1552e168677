"""The training flow: all stages of a profile where it works, and what follows from them."""

import os
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow

from flows import PROJECT
from flows.artifacts import publish
from flows.backbones import pin_backbone
from flows.challenge import challenge
from flows.decisions import decisions, open_registry
from flows.experiments import save_run
from flows.looks import note_looks
from flows.settings import Request
from flows.storage import check_room
from flows.summary import Outcome, shown, summarise
from flows.tasks import StageRun, run_stages, stage_order
from flows.worktrees import working_folder
from smearflow.ground.errors import SmearflowError
from smearflow.params.whole import load_params
from smearflow.report.pages import rewrite_pages


@flow(flow_run_name="training {profile}", persist_result=False)
def training(
    profile: str,
    data: str | None = None,
    backbone: str | None = None,
    incoming: str | None = None,
    overrides: list[str] | None = None,
) -> str:
    """Train, test and export the model of a profile, and judge an incoming window with it.

    Args:
        profile: a file of profiles/, without .yaml, or `sample`: this clone's own params.yaml.
        data: folder, archive or URL of labelled cells, instead of the profile's first source.
        backbone: folder, archive or URL of the backbone, instead of the profile's.
        incoming: folder of unlabelled cells; without one the test patients' cells stand in.
        overrides: single settings, as `train.epochs=5`.

    Returns:
        The summary a user reads.

    Raises:
        SmearflowError: what was asked for makes no run, or a stage failed.
    """
    request = Request(data, backbone, incoming, tuple(overrides or ()))
    with working_folder(PROJECT, profile, request) as root:
        pin_backbone(PROJECT, profile, root)
        outcome = run_pipeline(root, profile)
        summary = summarise(outcome, _champion(root, profile))
        print(f"\n{summary}", flush=True)
        publish(root, outcome.runs, summary)
    return summary


def run_pipeline(root: Path, profile: str) -> Outcome:
    """Run all stages in a prepared folder, the pages last, and save the run; within a flow.

    The look at the test set is put on record as soon as it was taken. Where a stage fails, the
    pages show what there is.
    """
    _check_room(root)
    order, until_test = stage_order(root), stage_order(root, until="evaluate")
    rest = [stage for stage in order if stage not in until_test]
    runs: list[StageRun] = []
    try:
        runs += run_stages(root, until_test, of=[*until_test, *rest])
        with decisions(PROJECT, f"{profile}: a look at the test set") as registry:
            look = note_looks(PROJECT, registry, of=root)
        runs += run_stages(root, rest, of=[*until_test, *rest])
    except SmearflowError:
        _show_what_there_is(root)
        raise
    return Outcome(root, tuple(runs), look, save_run(root, profile, datetime.now(UTC)))


def _check_room(root: Path) -> None:
    """Look whether a run finds room, as far as its cells are on this machine."""
    params = load_params(root / "params.yaml")
    places = [params.locations.get(source.name) for source in params.ingest.sources]
    files = [
        file
        for place in filter(None, places)
        for file in (Path(place), *Path(place).rglob("*"))
        if file.is_file()
    ]
    workers = 0 if params.engine.scheduler else params.engine.workers or os.cpu_count() or 1
    check_room(root, sum(file.stat().st_size for file in files), workers)


def _show_what_there_is(root: Path) -> None:
    """Write the pages of a run of which a stage failed; that failure is the one to be told."""
    try:
        print(f"what there is of the run: {shown(rewrite_pages(root))}", flush=True)
    except Exception as error:
        print(f"warning: its pages can't be written: {error}", flush=True)


def _champion(root: Path, profile: str) -> str:
    """Promote a profile's first model; a later one is promoted by a retraining or a person."""
    champion = open_registry(PROJECT, to_read=True).champion(profile)
    if champion is not None:
        return f"{champion.model_id}, since {champion.promoted_at[:10]} ({champion.reason})"
    return f"as the profile's first, {challenge(profile, root).decision}"
