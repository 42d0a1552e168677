"""The retraining flow: newly labelled cells, a challenger, and the decision between two models."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from ruamel.yaml import YAML

from flows import PROJECT, history
from flows.artifacts import publish
from flows.challenge import Contest, challenge
from flows.decisions import cells_at_hand, decisions
from flows.editing import carried_over, with_values
from flows.feedback import add, check, known_patients
from flows.labelled import new_sources, site_of, site_sources
from flows.labels import USUAL_SITE, Asked, labelled_folder, read_store, rule_of
from flows.monitoring import Drift, champion_of
from flows.nearby import nearby
from flows.processes import exclusive
from flows.settings import check_name, settings_file, settings_text, with_defaults
from flows.summary import summarise
from flows.training import run_pipeline
from flows.worktrees import held, prepare_worktree, worktree_folder
from smearflow.cells.raw import member_names
from smearflow.ground.files import file_sha256, write_bytes
from smearflow.ground.settings import load_yaml
from smearflow.intake.tables import OWN
from smearflow.params.ingest import Boxes, Columns, Source
from smearflow.params.model import Configuration
from smearflow.params.retrain import Retrain
from smearflow.params.whole import Params, load_params
from smearflow.release.folder import Champion
from smearflow.release.policy import RETRAINED, RETRAINING, Asker, should_retrain
from smearflow.release.registry import Registry
from smearflow.report.feedback import receipt_text


@flow(flow_run_name="retraining {profile}", persist_result=False)
def retraining(
    profile: str,
    cells: Path | None = None,
    site: str = USUAL_SITE,
    pattern: str | None = None,
    group: str | None = None,
    drift: Drift | None = None,
    asker: Asker = "person",
    full: bool = False,
) -> str:
    """Train a challenger on the champion's data and newly labelled cells; the better one stays.

    The champion's settings, as far as today's code knows them, with what people labelled go into
    the worktree `runs/<profile>-retraining`. One retraining of a profile runs at a time; one that
    was killed is gone on with by the next.

    Args:
        profile: whose champion is challenged.
        cells: newly labelled ones, which are added first, as in `feedback.add`.
        site: whose cells they are.
        pattern: that finds patients in their names.
        group: of them, what must stay on one side of the split.
        drift: set when an event of drift asks for it.
        asker: who or what asks for it, which decides what it is subject to; drift, where that is
            set.
        full: explore anew, and search the whole space; else a few settings around the champion's.

    Returns:
        What was decided, and why.

    Raises:
        SmearflowError: there is no champion, another retraining runs, the cells are no labelled
            cells or fail a critical expectation, or a stage failed.
    """
    check_name(profile)
    lock = PROJECT / f".dvc/tmp/retraining-{profile}.lock"
    with exclusive(lock, f"retraining of {profile}"):
        champion = champion_of(profile)
        if cells is not None:
            received = add(profile, Asked(PROJECT / cells, site, pattern, group))
            print(receipt_text(received), flush=True)
        result = _decide(profile, champion, "drift" if drift else asker, full=full)
        print(result, flush=True)
        create_markdown_artifact(f"```\n{result}\n```", key="decision")
        return result


def _decide(profile: str, champion: Champion, asker: Asker, *, full: bool) -> str:
    """Retrain, if there is anything to learn and nothing speaks against it."""
    known = sources_of(champion)
    new = labelled_sources(profile, champion, known)
    if not new:
        return f"no retraining: no labelled cells that {champion.model_id} has not seen"
    rules, now = load_params(settings_file(PROJECT, profile)).retrain, datetime.now(UTC)
    with decisions(PROJECT, f"{profile}: a retraining begins") as registry:
        _end_killed(registry, profile, now)
        decision = should_retrain(history.read(registry, profile), now, rules, asker)
        if not decision:
            return f"no retraining: {decision.reason}"
        names = [entry["name"] for entry in new.values()]
        history.note(registry, profile, RETRAINING, now, sources=names, asker=asker, full=full)
    answer = "failed"
    try:
        result, answer = _retrain(profile, champion, known, new, None if full else rules)
        return result
    finally:
        with decisions(PROJECT, f"{profile}: a retraining ends") as registry:
            history.note(registry, profile, RETRAINED, datetime.now(UTC), answer=answer)


def _end_killed(registry: Registry, profile: str, now: datetime) -> None:
    """Note the end of one that was killed: whoever holds the lock knows that none runs."""
    events = [event["event"] for event in history.read(registry, profile)]
    runs = [event for event in events if event in (RETRAINING, RETRAINED)]
    if runs and runs[-1] == RETRAINING:
        history.note(registry, profile, RETRAINED, now, answer="failed")


def labelled_sources(
    profile: str, champion: Champion, known: Sequence[Source]
) -> dict[Path, dict[str, Any]]:
    """Entries for `ingest.sources`, by their folders: what the champion has not learned from."""
    store = labelled_folder(profile)
    feedback, names = read_store(store), {source.name for source in known}
    entries = site_sources(store, feedback, rule_of(profile), known[0], known_patients(champion))
    fresh = {folder: entry for folder, entry in entries.items() if entry["name"] not in names}
    return new_sources(store, known, feedback.batches) | fresh


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
    rules: Retrain | None,
) -> tuple[str, str]:
    """Train a challenger in a worktree of its own; promote it if it is not worse.

    Args:
        rules: how little is tried; None: all that the profile explores and searches.

    Returns:
        What was decided, as text and in a word.
    """
    root = worktree_folder(PROJECT, f"{profile}-retraining")
    with held(PROJECT, root):
        prepare_worktree(PROJECT, root)
        text = _settings(profile, champion, known, new, rules)
        write_bytes(root / "params.yaml", text.encode())
        load_params(root / "params.yaml")
        outcome = run_pipeline(root, f"{profile}-retraining")
        contest = contest_of(profile, root, _doubt(profile))
        summary = summarise(outcome, contest.decision)
        publish(root, outcome.runs, summary)
    return f"{contest.comparison}\n\n{summary}", contest.answer


@task(name="challenge", cache_policy=NO_CACHE, persist_result=False)
def contest_of(profile: str, root: Path, doubt: str | None) -> Contest:
    """The challenger against the champion, as a task of its own."""
    return challenge(profile, root, doubt)


def _doubt(profile: str) -> str | None:
    """Swapped labels of a site may teach just that, and be told right by labels as swapped."""
    flagged = read_store(labelled_folder(profile)).flagged
    return f"labels of {', '.join(flagged)} say the opposite of its champion" if flagged else None


def _settings(
    profile: str,
    champion: Champion,
    known: list[Source],
    new: Mapping[Path, Mapping[str, Any]],
    rules: Retrain | None,
) -> str:
    """params.yaml of a challenger: today's profile, the champion's values, all cells.

    The champion's cells come out of the archives that were kept with it, where there are any: so
    they are at hand in any clone. Those of a site come as they are now, with all it ever had.
    """
    replaced = {site_of(entry["name"]) for entry in new.values()} - {None}
    kept = cells_at_hand(PROJECT, champion)
    stay = [source for source in known if site_of(source.name) not in replaced]
    sources = [_kept(source, kept.get(source.name)) for source in stay]
    earlier = load_yaml(champion.folder / "params.yaml")
    places = earlier.get("locations") or {}
    places |= {source.name: str(kept[source.name]) for source in stay if source.name in kept}
    places |= {entry["name"]: str(folder) for folder, entry in new.items()}
    every = [*(source.model_dump(mode="json") for source in sources), *map(dict, new.values())]
    text = _searched(settings_text(PROJECT, profile), champion, earlier, rules)
    return with_defaults(with_values(text, [("ingest.sources", every), ("locations", places)]))


def _searched(text: str, champion: Champion, earlier: dict[str, Any], rules: Retrain | None) -> str:
    """Today's profile with the champion's values, and how much is explored and searched.

    How much is today's profile's, or a part of it: the champion may be of a retraining itself.
    """
    best = champion.card.configuration
    if rules and best is None:
        print(
            f"{champion.model_id} is of an earlier version and did not keep what its search found: "
            "this retraining explores anew",
            flush=True,
        )
    if rules is None or best is None:
        kept = {key: value for key, value in earlier.items() if key not in ("explore", "tune")}
        model = {k: v for k, v in kept.get("model", {}).items() if k != "configuration"}
        return carried_over(text, kept | {"model": model})
    own = {key: value for key, value in best.items() if key in Configuration.model_fields}
    start, tune = Configuration.model_validate(own), _params(text).tune
    text = carried_over(text, earlier)
    return with_values(text, nearby(start, tune, _params(text).train.epochs, rules))


def _params(text: str) -> Params:
    return Params.model_validate(YAML(typ="safe").load(text))


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
    profile: str,
    cells: Path | None,
    site: str = USUAL_SITE,
    pattern: str | None = None,
    group: str | None = None,
) -> None:
    """Look whether there is a model to challenge, and whether the cells are labelled.

    Raises:
        SmearflowError: there is none, or they are not.
    """
    if cells is None:
        champion_of(profile)
    else:
        check(profile, Asked(cells, site, pattern, group))
