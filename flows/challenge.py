"""A finished run against the models that are and were in use: by one rule the better one stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows import PROJECT
from flows.decisions import decisions, model_at_hand, share_decisions
from flows.git import person, revision
from flows.labelled import site_of
from flows.settings import settings_file
from smearflow.ground.errors import SmearflowError
from smearflow.ground.settings import load_yaml
from smearflow.params.whole import Params, load_params
from smearflow.records.contest import Comparison, Trial
from smearflow.records.figures import Figures
from smearflow.release.asking import compare_models, rival_of, try_out
from smearflow.release.contest import Rival
from smearflow.release.folder import Champion, Release
from smearflow.release.promotion import Answer, Rule, Ruling, should_promote
from smearflow.release.registry import Decided
from smearflow.report.contest import comparisons_text
from smearflow.report.model_card import write_card


@dataclass(frozen=True)
class Contest:
    """What came of a challenge.

    Attributes:
        decision: which model is in use now, and why, a sentence.
        comparison: the challenger minus the others, as text; empty where nothing was compared.
        answer: promoted, rejected or undecided; a model that is in use already counts as promoted.
    """

    decision: str
    comparison: str
    answer: Answer


def challenge(profile: str, root: Path, doubt: str | None = None) -> Contest:
    """Make the model of a finished run a profile's champion, if it is shown to be no worse.

    It is made a release, which is started once. All models are judged on the test cells of that
    run, which is a look at them. The rule is that of the profile, not of the run.

    Args:
        doubt: why its labels may be wrong: then a person decides what the rule would promote.

    Raises:
        SmearflowError: the run lacks a part, or another model came into use meanwhile.
    """
    figures = Figures.read_if_there(root)
    if figures is None:
        raise SmearflowError(f"{root} has not been evaluated", "finish that run, then promote it")
    settings = load_params(settings_file(PROJECT, profile))
    with decisions(PROJECT, f"{profile}: a challenge") as registry:
        release = registry.keep(profile, root, revision(root), write_card)
        champions = registry.champions(profile)
        in_use = champions[-1].model_id if champions else None
        if in_use == release.model_id:
            return Contest(f"{in_use} is in use already", "", "promoted")
        judged = _judge(release, root, champions, settings, doubt)
        asked = [each for each in champions if each.model_id in judged.asked]
        for model in (figures.model_sha256, *(each.look.model_sha256 for each in asked)):
            registry.note_look(figures.test_sha256, model, datetime.now(UTC))
        registry.decide(profile, _decided(release, judged, settings), in_use)
    if judged.ruling.answer == "promoted":
        share_decisions(PROJECT, settings.registry)
    told = _told(profile, release, in_use, judged)
    return Contest(told, comparisons_text(judged.compared), judged.ruling.answer)


@dataclass(frozen=True)
class _Judged:
    """What becomes of a challenger, and what that rests on.

    Attributes:
        asked: ids of the models it was compared with, whether or not that told anything.
        unreadable: why others could not be asked.
    """

    ruling: Ruling
    trial: Trial | None = None
    compared: Sequence[Comparison] = ()
    asked: Sequence[str] = ()
    unreadable: Sequence[str] = ()


def _judge(
    release: Release,
    root: Path,
    champions: Sequence[Champion],
    settings: Params,
    doubt: str | None,
) -> _Judged:
    """The rule, once the release has started.

    Args:
        champions: the one in use last.
    """
    own = settings.registry
    try:
        trial = try_out(release, root, own.limits)
    except SmearflowError as error:
        return _Judged(Ruling("rejected", error.problem))
    if not champions:
        return _Judged(Ruling("promoted", "the first model"), trial)
    rivals, unreadable = ask_each(champions, root)
    asked, failed = [each.model_id for each in rivals], [*unreadable.values()]
    if champions[-1].model_id in unreadable:
        told = f"the model in use can't be asked: {unreadable[champions[-1].model_id]}"
        return _Judged(Ruling("undecided", told), trial, (), asked, failed)
    first = next(each for each in champions if each.model_id not in unreadable)
    new = _new_sites(root, champions[-1].folder)
    compared = compare_models(release, rivals, root, _sources(first.folder)[0], settings, new)
    rule = Rule(own.margin, own.least_patients, settings.problem.primary_metric)
    ruling = should_promote(compared, rule)
    if ruling.answer == "promoted" and (own.approval or doubt):
        why = f"; {doubt}" if doubt else ""
        ruling = Ruling("undecided", f"a person must approve it{why}; it is {ruling.reason}")
    return _Judged(ruling, trial, compared, asked, failed)


def ask_each(champions: Sequence[Champion], root: Path) -> tuple[list[Rival], dict[str, str]]:
    """What each model that is or was in use says about the test cells of a run.

    Returns:
        Those that can be asked, in the same order; and by id why others can't, which is said, too.
    """
    found: dict[str, Rival] = {}
    unreadable: dict[str, str] = {}
    for champion in champions:
        try:
            found[champion.model_id] = rival_of(model_at_hand(PROJECT, champion), root)
        except SmearflowError as error:
            unreadable[champion.model_id] = error.problem
            print(f"warning: {champion.model_id} can't be asked: {error}", flush=True)
    return list(found.values()), unreadable


def _sources(folder: Path) -> list[str]:
    """What a run or a model learned from, its first source first.

    The patients of the oldest model's first source have been there ever since.
    """
    sources = load_yaml(folder / "params.yaml")["ingest"]["sources"]
    return [str(source["name"]) for source in sources]


def _new_sites(root: Path, champion: Path) -> frozenset[str]:
    """Sources of a run that hold a site of which the champion learned nothing."""
    known = {site_of(source) for source in _sources(champion)} | {None}
    return frozenset(source for source in _sources(root) if site_of(source) not in known)


def _decided(release: Release, judged: _Judged, settings: Params) -> Decided:
    details: dict[str, Any] = {
        "comparisons": [each.model_dump(mode="json") for each in judged.compared],
        "trial": judged.trial.model_dump(mode="json") if judged.trial else None,
        "unreadable": list(judged.unreadable),
        "rule": settings.registry.model_dump(mode="json"),
        **revisions(PROJECT, release),
    }
    ruling = judged.ruling
    return Decided(
        ruling.answer, release.model_id, ruling.reason, person(PROJECT), datetime.now(UTC), details
    )


def revisions(project: Path, release: Release) -> dict[str, Any]:
    """Of the code and the cells of a release, and of the code that decides about it."""
    card = release.card
    return {"code": card.code, "data": card.data, "decided_by_code": revision(project)}


def _told(profile: str, release: Release, in_use: str | None, judged: _Judged) -> str:
    own, ruling = release.model_id, judged.ruling
    if ruling.answer == "promoted":
        place = f"takes the place of {in_use}" if in_use else "is in use"
        return f"{own} {place}: {ruling.reason}"
    stays = f"{in_use} stays" if in_use else "no model is in use"
    told = f"{stays}, {own} is {ruling.answer}: {ruling.reason}"
    if ruling.answer == "rejected":
        return told
    return (
        f"{told}; a person may decide: smearflow approve {own} --profile {profile} --by NAME "
        "--reason TEXT"
    )
