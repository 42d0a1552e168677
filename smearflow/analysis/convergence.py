"""Which settings learn fastest."""

import json
import statistics
from collections.abc import Sequence

from smearflow.analysis.credit import learned
from smearflow.experiments.plan import deviations, varied_fields
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration, Setting
from smearflow.records.analysis.analysis import Converged, Convergence
from smearflow.records.exploration import RunRecord

NEAR = 1.1  # of the lowest validation loss; what counts as converged

_SHOWN = 10


def convergence(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], base: Configuration
) -> Convergence:
    """Epochs until the mean validation loss is near the lowest of all settings, the fewest first.

    Settings that were run once are left out where others were repeated: the lowest of many single
    runs is a lucky one. Near is within NEAR times the lowest.
    """
    groups = _groups(varied_fields(experiments), runs, base)
    groups = [pair for pair in groups if len(pair[1]) > 1] or groups
    curves = [_mean_curve(group) for _, group in groups]
    lowest = min((min(curve) for curve in curves), default=None)
    rows = []
    for (settings, group), curve in zip(groups, curves, strict=True):
        epochs = _epochs_to(NEAR * (lowest or 0.0), curve)
        if epochs is not None:
            rows.append(_converged(settings, group, epochs))
    rows.sort(key=lambda row: (row.epochs, row.val_loss))
    return Convergence(
        lowest=lowest,
        reached=len(rows),
        as_early=sum(row.epochs <= rows[0].epochs for row in rows),
        rows=tuple(rows[:_SHOWN]),
    )


def _groups(
    varied: Sequence[str], runs: Sequence[RunRecord], base: Configuration
) -> list[tuple[Setting, list[RunRecord]]]:
    """The runs of the same configuration, where all of them trained."""
    groups: dict[str, list[RunRecord]] = {}
    for run in runs:
        groups.setdefault(json.dumps(run.settings, sort_keys=True), []).append(run)
    return [
        (deviations(group[0].configuration, varied, base), group)
        for group in groups.values()
        if all(map(learned, group))
    ]


def _mean_curve(group: Sequence[RunRecord]) -> list[float]:
    """The mean validation loss of each epoch that all runs of a group have."""
    curves = [[loss for loss in run.curve["val_loss"] if loss is not None] for run in group]
    return [statistics.fmean(losses) for losses in zip(*curves, strict=False)]


def _epochs_to(target: float, curve: Sequence[float]) -> int | None:
    """The first epoch, from 1, with a loss no higher than the target."""
    return next((epoch for epoch, loss in enumerate(curve, start=1) if loss <= target), None)


def _converged(settings: Setting, group: Sequence[RunRecord], epochs: int) -> Converged:
    losses = [run.loss for run in group]
    return Converged(
        settings=settings,
        epochs=epochs,
        val_loss=statistics.fmean(losses),
        std=statistics.stdev(losses) if len(losses) > 1 else None,
        n=len(group),
        runs=tuple(run.id for run in group),
    )
