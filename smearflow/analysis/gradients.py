"""Whether gradients exploded or vanished, and how far layers moved."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from smearflow.analysis.response import trained
from smearflow.experiments.plan import RunRecord, deviations, varied_fields
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration

KERNELS = ("first kernel", "last kernel", "hidden kernel", "classifier kernel")

_SHOWN = 5  # runs of each kind in the table


def gradients(
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    labels: Mapping[str, str],
    base: Configuration,
) -> dict[str, Any]:
    """How many runs failed by their gradients; the runs with the largest, and the best ones.

    Args:
        labels: of `diagnose`, by the id of a run.

    Returns:
        exploded, diverged (a part of them) and stagnated (numbers of runs), lowest_rate (of those
        that exploded, null if none did), moved (per kernel of KERNELS how far it moved in the
        median of the best runs, relative to its size) and rows: run (id), settings, label,
        gradient_norm (the largest of the whole training, null if it was not finite, or not
        measured) and weight_change.
    """
    wild = [run for run in runs if labels[run["id"]] in ("diverged", "exploding")]
    kinds = list(labels.values())
    rates = [run["configuration"]["learning_rate"] for run in wild]
    best = sorted(filter(trained, runs), key=lambda run: run["val_loss"])[:_SHOWN]
    return {
        "exploded": len(wild),
        "diverged": kinds.count("diverged"),
        "stagnated": kinds.count("stagnated"),
        "lowest_rate": min(rates, default=None),
        "moved": _moved(best),
        "rows": _rows(runs, best, varied_fields(experiments), labels, base),
    }


def _rows(
    runs: Sequence[RunRecord],
    best: Sequence[RunRecord],
    varied: Sequence[str],
    labels: Mapping[str, str],
    base: Configuration,
) -> list[dict[str, Any]]:
    norms = {run["id"]: _largest_norm(run) for run in runs}
    order = sorted(runs, key=lambda run: -math.inf if (n := norms[run["id"]]) is None else -n)
    shown = {run["id"]: run for run in [*order[:_SHOWN], *best]}
    return [
        {
            "run": name,
            "settings": deviations(run, varied, base),
            "label": labels[name],
            "gradient_norm": norms[name],
            "weight_change": run["weight_change"],
        }
        for name, run in shown.items()
    ]


def _largest_norm(run: RunRecord) -> float | None:
    norms = run["curve"].get("gradient_norm") or [None]
    return None if None in norms else max(norms)


def _moved(runs: Sequence[RunRecord]) -> dict[str, float]:
    changes = {
        name: [change for run in runs if (change := run["weight_change"].get(name)) is not None]
        for name in KERNELS
    }
    return {name: statistics.median(each) for name, each in changes.items() if each}
