"""Whether gradients exploded or vanished, and how far layers moved."""

import math
import statistics
from collections.abc import Mapping, Sequence

from smearflow.analysis.credit import learned
from smearflow.experiments.plan import deviations, varied_fields
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration
from smearflow.records.analysis.analysis import Gradients, RunGradients
from smearflow.records.exploration import RunRecord

KERNELS = ("first kernel", "last kernel", "hidden kernel", "classifier kernel")

_SHOWN = 5  # runs of each kind in the table


def gradients(
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    labels: Mapping[str, str],
    base: Configuration,
) -> Gradients:
    """How many runs failed by their gradients; the runs with the largest, and the best ones.

    Args:
        labels: of `diagnose`, by the id of a run.
    """
    wild = [run for run in runs if labels[run.id] in ("diverged", "exploding")]
    kinds = list(labels.values())
    rates = [run.configuration.learning_rate for run in wild]
    best = sorted(filter(learned, runs), key=lambda run: run.loss)[:_SHOWN]
    return Gradients(
        exploded=len(wild),
        diverged=kinds.count("diverged"),
        stagnated=kinds.count("stagnated"),
        lowest_rate=min(rates, default=None),
        moved=_moved(best),
        rows=_rows(runs, best, varied_fields(experiments), labels, base),
    )


def _rows(
    runs: Sequence[RunRecord],
    best: Sequence[RunRecord],
    varied: Sequence[str],
    labels: Mapping[str, str],
    base: Configuration,
) -> tuple[RunGradients, ...]:
    norms = {run.id: _largest_norm(run) for run in runs}
    order = sorted(runs, key=lambda run: -math.inf if (n := norms[run.id]) is None else -n)
    shown = {run.id: run for run in [*order[:_SHOWN], *best]}
    return tuple(
        RunGradients(
            run=name,
            settings=deviations(run.configuration, varied, base),
            label=labels[name],
            gradient_norm=norms[name],
            weight_change=run.weight_change,
        )
        for name, run in shown.items()
    )


def _largest_norm(run: RunRecord) -> float | None:
    norms = run.curve.get("gradient_norm") or [None]
    finite = [norm for norm in norms if norm is not None]
    return max(finite) if len(finite) == len(norms) else None


def _moved(runs: Sequence[RunRecord]) -> dict[str, float]:
    changes = {
        name: [change for run in runs if (change := run.weight_change.get(name)) is not None]
        for name in KERNELS
    }
    return {name: statistics.median(each) for name, each in changes.items() if each}
