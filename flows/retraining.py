"""The retraining flow: newly labelled cells, a challenger, and the decision between two models."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows import PROJECT, history
from flows.artifacts import publish
from flows.challenge import Contest, challenge
from flows.decisions import cells_at_hand, decisions, open_registry
from flows.editing import carried_over, with_values
from flows.labelled import HandIn, judge_labelled, keep_labelled, new_sources
from flows.monitoring import Drift, champion_of
from flows.processes import exclusive
from flows.settings import check_name, settings_text
from flows.summary import summarise
from flows.training import run_pipeline
from flows.worktrees import held, prepare_worktree, worktree_folder
from smearflow.cells.raw import member_names
from smearflow.ground.files import file_sha256, write_bytes
from smearflow.ground.settings import load_yaml
from smearflow.intake.tables import OWN
from smearflow.params.ingest import Boxes, Columns, Source
from smearflow.params.whole import load_params
from smearflow.release.folder import Champion
from smearflow.release.policy import RETRAINING, should_retrain


@flow(flow_run_name="retraining {profile}", persist_result=False)
def retraining(
    profile: str,
    cells: Path | None = None,
    pattern: str | None = None,
    group: str = "patient",
    drift: Drift | None = None,
    cooldown_hours: float = 24.0,
) -> str:
    """Train a challenger on the champion's data and newly labelled cells; the better one stays.

    The champion's settings, as far as today's code knows them, with the new sources appended go
    into the worktree `runs/<profile>-retraining`. One retraining of a profile runs at a time; one
    that was killed is gone on with by the next.

    Args:
        profile: whose champion is challenged.
        cells: folder of newly labelled cells; those handed in earlier count too.
        pattern: that finds patients in their names; None: as in the champion's own cells.
        group: of them, what must stay on one side of the split.
        drift: set when an event of drift asks for it, which is then subject to the cooldown.
        cooldown_hours: from one retraining to the next that drift may start.

    Returns:
        What was decided, and why.

    Raises:
        SmearflowError: there is no champion, another retraining runs, the cells are no labelled
            cells or fail a critical expectation, or a stage failed.
    """
    check_name(profile)
    lock = PROJECT / f".dvc/tmp/retraining-{profile}.lock"
    with exclusive(lock, f"retraining of {profile}"):
        champion, now = champion_of(profile), datetime.now(UTC)
        store = PROJECT / "data/labelled" / profile
        if cells is not None:
            suite = PROJECT / "expectations/feedback.json"
            reports = PROJECT / "reports/feedback" / profile
            handed_in = HandIn(PROJECT / cells, pattern, group)
            judge_labelled(handed_in, champion.card, suite, reports)
            keep_labelled(store, handed_in, champion.card)
        known = sources_of(champion)
        entries = new_sources(store, known)
        past = history.read(open_registry(PROJECT), profile)
        decision = should_retrain(past, now, timedelta(hours=cooldown_hours))
        if not entries:
            result = f"no retraining: no labelled cells that {champion.model_id} has not seen"
        elif drift and not decision:
            result = f"no retraining: {decision.reason}"
        else:
            with decisions(PROJECT, f"{profile}: a retraining begins") as registry:
                names = [entry["name"] for entry in entries.values()]
                history.note(registry, profile, RETRAINING, now, sources=names)
            result = _retrain(profile, champion, known, entries)
        print(result, flush=True)
        create_markdown_artifact(f"```\n{result}\n```", key="decision")
        return result


def sources_of(champion: Champion) -> list[Source]:
    """Where a champion's cells came from, as far as today's code knows of such things."""
    entries = load_yaml(champion.folder / "params.yaml")["ingest"]["sources"]
    return [
        Source.model_validate(
            {key: value for key, value in entry.items() if key in Source.model_fields}
        )
        for entry in entries
    ]


def _retrain(
    profile: str,
    champion: Champion,
    known: list[Source],
    new: Mapping[Path, Mapping[str, Any]],
) -> str:
    """Train a challenger in a worktree of its own; promote it if it is not worse."""
    root = worktree_folder(PROJECT, f"{profile}-retraining")
    with held(PROJECT, root):
        prepare_worktree(PROJECT, root)
        write_bytes(root / "params.yaml", _settings(profile, champion, known, new).encode())
        load_params(root / "params.yaml")
        outcome = run_pipeline(root, f"{profile}-retraining")
        contest = contest_of(profile, root)
        summary = summarise(outcome, contest.decision)
        publish(root, outcome.runs, summary)
    return f"{contest.comparison}\n\n{summary}"


@task(name="challenge", cache_policy=NO_CACHE, persist_result=False)
def contest_of(profile: str, root: Path) -> Contest:
    """The challenger against the champion, as a task of its own."""
    return challenge(profile, root)


def _settings(
    profile: str,
    champion: Champion,
    known: list[Source],
    new: Mapping[Path, Mapping[str, Any]],
) -> str:
    """params.yaml of a challenger: today's profile, the champion's values, all cells.

    The champion's cells come out of the archives that were kept with it, where there are any: so
    they are at hand in any clone.
    """
    kept = cells_at_hand(PROJECT, champion)
    sources = [_kept(source, kept.get(source.name)) for source in known]
    earlier = load_yaml(champion.folder / "params.yaml")
    places = earlier.get("locations") or {}
    places |= {name: str(archive) for name, archive in kept.items()}
    places |= {entry["name"]: str(folder) for folder, entry in new.items()}
    text = carried_over(settings_text(PROJECT, profile), earlier)
    every = [*(source.model_dump(mode="json") for source in sources), *map(dict, new.values())]
    return with_values(text, [("ingest.sources", every), ("locations", places)])


def _kept(source: Source, archive: Path | None) -> Source:
    """A source that is read from the archive that was kept of it."""
    if archive is None:
        return source
    changed: dict[str, object] = {"location": None, "sha256": file_sha256(archive), "bytes": None}
    if OWN in member_names(archive):
        changed |= {"table": (OWN,), "columns": Columns(), "boxes": Boxes()}
    kind = "nih" if source.kind == "sample" else source.kind
    return source.model_copy(update=changed | {"kind": kind})


def check_cells(
    profile: str, cells: Path | None, pattern: str | None = None, group: str = "patient"
) -> None:
    """Look whether there is a model to challenge, and whether the cells are labelled.

    Raises:
        SmearflowError: there is none, or they are not.
    """
    card = champion_of(profile).card
    if cells is not None:
        HandIn(cells, pattern, group).listing(card)
