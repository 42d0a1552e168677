"""What can be removed without loss, by the experiments that remove something."""

from collections.abc import Sequence
from typing import Any

from smearflow.analysis.comparison import Comparison, Row, Verdict, verdicts
from smearflow.analysis.response import Surface
from smearflow.experiments.plan import NOTHING_CHANGED, RunRecord
from smearflow.params.explore import Experiment


def removals(
    experiments: Sequence[Experiment],
    comparisons: Sequence[Comparison],
    runs: Sequence[RunRecord],
    surface: Surface | None,
) -> list[dict[str, Any]]:
    """Per ablation how the loss changed, and whether it did harm.

    Returns:
        experiment, name, difference and needed (see `Verdict`; null if unknown), n (runs),
        exercised (false where it changed no curve), matters (what it took away and all runs
        together call important) and removable (null where nothing can be told).
    """
    ablations = {each.name for each in experiments if each.ablations}
    importances = [] if surface is None else surface.importances
    important = [each.name for each in importances if each.important]
    return [
        row
        for comparison in comparisons
        if comparison["name"] in ablations
        for row in _rows(comparison, runs, important)
    ]


def _rows(
    comparison: Comparison, runs: Sequence[RunRecord], important: Sequence[str]
) -> list[dict[str, Any]]:
    by_name = {row["name"]: row for row in comparison["rows"]}
    reference = by_name.pop(NOTHING_CHANGED)
    unchanged = _curves(reference, runs)
    exercised = {
        name: not unchanged or _curves(row, runs) != unchanged for name, row in by_name.items()
    }
    usable = [
        row for row in by_name.values() if row["n"] and reference["n"] and exercised[row["name"]]
    ]
    found = dict(zip((row["name"] for row in usable), verdicts(reference, usable), strict=True))
    return [
        {
            "experiment": comparison["name"],
            "name": name,
            "difference": found[name].difference if name in found else None,
            "needed": found[name].needed if name in found else None,
            "n": row["n"],
            "exercised": exercised[name],
            "matters": [field for field in important if field in row["settings"]],
            "removable": _can_go(row, reference, found.get(name)),
        }
        for name, row in by_name.items()
    ]


def _curves(row: Row, runs: Sequence[RunRecord]) -> dict[int, Any]:
    """The curve of each seed of an ablation."""
    return {run["seed"]: run["curve"] for run in runs if run["id"] in row["runs"]}


def _can_go(row: Row, reference: Row, verdict: Verdict | None) -> bool | None:
    """Whether no harm is detected; None where nothing can be told."""
    if row["diverged"] and reference["n"]:
        return False  # with it, training did not fail
    if verdict is None or verdict.needed is None:
        return None
    return not (verdict.detected and verdict.difference > 0)
