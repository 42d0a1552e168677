"""A finished run against the model in use: by the rule of a retraining, the better one stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flows import CLONE, PROJECT
from flows.decisions import decisions, model_at_hand, share_decisions
from flows.experiments import reference_of, restore_run
from flows.git import revision
from flows.settings import check_profile, profiles
from flows.worktrees import held, run_folder, worktree_folder
from smearflow.evaluation.metrics import METRICS
from smearflow.ground.errors import SmearflowError
from smearflow.params.whole import load_params
from smearflow.records.figures import Estimates, Figures
from smearflow.release.promotion import should_promote
from smearflow.release.registry import Champion
from smearflow.report.text import columns, display_name, with_interval


@dataclass(frozen=True)
class Contest:
    """What came of a challenge.

    Attributes:
        decision: which model is in use now, and why, a sentence.
        comparison: figures of both, as text; empty where there was no champion.
    """

    decision: str
    comparison: str


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


def challenge(profile: str, root: Path) -> Contest:
    """Make the model of a finished run a profile's champion, if it is not worse.

    Both edge models are judged on the test cells of that run, which is a look at them.

    Raises:
        SmearflowError: the run lacks a part, or the champion's files can't be fetched.
    """
    challenger = Figures.read_if_there(root)
    if challenger is None:
        raise SmearflowError(f"{root} has not been evaluated", "finish that run, then promote it")
    problem = load_params(root / "params.yaml").problem
    with decisions(PROJECT, f"{profile}: a challenge") as registry:
        champion, figures, now = registry.champion(profile), None, datetime.now(UTC)
        registry.note_look(challenger.test_sha256, challenger.model_sha256, now)
        if champion is not None:
            figures = rescore(model_at_hand(PROJECT, champion), root)
            registry.note_look(challenger.test_sha256, champion.look.model_sha256, now)
        decision = should_promote(
            figures,
            challenger.edge,
            primary_metric=problem.primary_metric,
            required_sensitivity=problem.required_sensitivity,
        )
        compared = "" if figures is None else _comparison(figures, challenger.edge)
        if champion is not None and not decision:
            return Contest(f"{champion.model_id} stays: {decision.reason}", compared)
        new = registry.promote(profile, root, decision.reason, now, revision(root))
    share_decisions(PROJECT, root)
    if champion is None:
        return Contest(f"{new.model_id} is in use: {decision.reason}", compared)
    return Contest(
        f"{new.model_id} takes the place of {champion.model_id}: {decision.reason}", compared
    )


def rescore(champion: Champion, root: Path) -> Estimates:
    """The champion's edge model, at its own threshold, on the test cells of a challenger's run."""
    import numpy as np

    from smearflow.assessment.bootstrap import patient_bootstrap
    from smearflow.cells.raw import RawCells
    from smearflow.edge.runtime import EdgeModel
    from smearflow.images.decode import pixels_of
    from smearflow.images.ranges import Settled
    from smearflow.records.split import Split
    from smearflow.sides.side import load_side

    model, side = EdgeModel(champion.export), load_side(root / "outputs/split", "test")
    settings = load_params(root / "params.yaml").evaluate
    pixels, split = side.pixels, Split.read(root)
    packed_for = (split.image_size, split.stain_normalised)
    if packed_for != (model.image_size, model.stain_normalised):
        with RawCells(root / "outputs/ingest/raw") as raw:
            images = [
                pixels_of(raw.read(path), model.image_size, Settled(white))
                for path, white in zip(side.table["path"], side.table["white"], strict=True)
            ]
        pixels = model.prepared(np.stack(images), side.patients.tolist())
    estimates = patient_bootstrap(
        side.targets,
        model.predict(pixels)[0],
        side.patients,
        model.threshold,
        settings.bootstrap_samples,
        settings.seed,
    )
    return {name: estimates[name] for name in METRICS}


def _comparison(champion: Estimates, challenger: Estimates) -> str:
    rows = [("", "champion", "challenger")]
    rows += [
        (display_name(name), with_interval(champion[name]), with_interval(challenger[name]))
        for name in METRICS
    ]
    return "edge models on the challenger's test cells\n" + columns(rows)


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
