"""Which model is in use: a finished run challenges it, a person approves, goes back, looks back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flows import CLONE, PROJECT
from flows.challenge import Contest, challenge, revisions
from flows.decisions import decisions, model_at_hand, open_registry, share_decisions
from flows.experiments import reference_of, restore_run
from flows.git import person
from flows.settings import check_profile, profiles, settings_file
from flows.worktrees import held, run_folder, worktree_folder
from smearflow.ground.errors import SmearflowError
from smearflow.params.whole import load_params
from smearflow.release.registry import Decided
from smearflow.report.text import columns


def promote_run(run: str, profile: str | None) -> Contest:
    """Challenge the model in use with a finished run.

    Args:
        run: a folder, or the name of a saved run.
        profile: whose model in use it becomes; None where the run's name tells it.

    Raises:
        SmearflowError: there is no such run or profile, or the run is not finished.
    """
    if not run:
        raise SmearflowError(
            "no run is named", "name one: make promote RUN=<folder, or a name of `make runs`>"
        )
    with finished(run) as (own, root):
        profile = profile or own
        if profile is None:
            raise SmearflowError(f"{run} does not tell whose model it becomes", "name it: PROFILE=")
        check_profile(PROJECT, profile)
        return challenge(profile, root)


def approve(profile: str, model_id: str, by: str, reason: str) -> str:
    """Put a challenger into use that the rule left undecided; what was decided, a sentence.

    Raises:
        SmearflowError: nobody decides, it was not left undecided, its files are damaged, or the
            model that it challenged is not in use any more.
    """
    settings = load_params(settings_file(PROJECT, profile))
    if not (by and reason):
        raise SmearflowError(
            "nobody decides, or for no reason", "say both: --by NAME --reason TEXT"
        )
    with decisions(PROJECT, f"{profile}: {model_id} is approved") as registry:
        lines = [each for each in registry.history(profile) if each["model_id"] == model_id]
        last = lines[-1]["event"] if lines else "not known"
        if last != "undecided":
            raise SmearflowError(
                f"{model_id} is {last}: a person decides where the rule left it undecided",
                "challenge the model in use: make promote RUN=<run>",
            )
        release = model_at_hand(PROJECT, registry.release(profile, model_id))
        details = {"decided_before": lines[-1], **revisions(PROJECT, release)}
        decided = Decided("approved", model_id, reason, by, datetime.now(UTC), details)
        registry.decide(profile, decided, lines[-1]["instead_of"])
    share_decisions(PROJECT, settings.registry)
    return f"{model_id} is in use: {by} approved it: {reason}"


def rollback(profile: str, model_id: str | None, by: str | None, reason: str | None) -> str:
    """Return to an earlier model, byte for byte; what was decided, a sentence.

    Args:
        model_id: any that was in use once; None: the one before the one in use.
        by: None: whom git knows here.

    Raises:
        SmearflowError: there is no such model, or its files are damaged.
    """
    settings = load_params(settings_file(PROJECT, profile))
    with decisions(PROJECT, f"{profile}: a rollback") as registry:
        wanted = registry.earlier(profile, model_id)
        model_at_hand(PROJECT, wanted)
        champion = registry.champion(profile)
        in_use = champion.model_id if champion else None
        decided = Decided(
            "rolled back",
            wanted.model_id,
            reason or f"instead of {in_use}",
            by or person(PROJECT),
            datetime.now(UTC),
            revisions(PROJECT, wanted),
        )
        registry.decide(profile, decided, in_use)
    share_decisions(PROJECT, settings.registry)
    return f"{wanted.model_id} is in use again, {in_use} is not: {decided.reason}"


def decided(profile: str) -> str:
    """All decisions about a profile's models, a line each, the latest last."""
    check_profile(PROJECT, profile)
    lines = open_registry(PROJECT, to_read=True).history(profile)
    if not lines:
        return f"nothing was decided about {profile} yet: make run"
    rows = [("when", "decision", "model", "instead of", "by", "why")]
    rows += [
        (
            f"{datetime.fromisoformat(line['when']):%F %H:%M}",
            line["event"],
            line["model_id"],
            line.get("instead_of") or "-",
            line.get("by", "-"),
            line["reason"],
        )
        for line in lines
    ]
    return columns(rows)


@contextmanager
def finished(run: str) -> Iterator[tuple[str | None, Path]]:
    """The profile, if its name tells it, and the folder of a finished run.

    Args:
        run: a folder, or the name of a saved run, which is restored in `runs/promotion`.
    """
    if Path(run).expanduser().is_dir():
        root = run_folder(Path(run)).resolve()
        with held(PROJECT, root):
            yield (CLONE if root == PROJECT else _profile_of(root.name)), root
        return
    reference = reference_of(PROJECT, run)
    root = worktree_folder(PROJECT, "promotion")
    with held(PROJECT, root):
        restore_run(PROJECT, root, reference)
        yield _profile_of(run), root


def _profile_of(name: str) -> str | None:
    """The profile that the name of a run begins with, as nih-retraining-20300501-120000 does."""
    found = [each for each in profiles(PROJECT) if f"{name}-".startswith(f"{each}-")]
    return max(found, key=len, default=None)
