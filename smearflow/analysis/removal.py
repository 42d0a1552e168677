"""What can be removed without loss, by the experiments that remove something."""

from collections.abc import Sequence

from smearflow.analysis.comparison import Shortfall, shortfalls
from smearflow.analysis.response import Surface
from smearflow.experiments.plan import NOTHING_CHANGED
from smearflow.model.curves import Curve
from smearflow.params.explore import Experiment
from smearflow.records.analysis.analysis import Removal
from smearflow.records.analysis.comparison import Alternative, Comparison
from smearflow.records.exploration import RunRecord


def removals(
    experiments: Sequence[Experiment],
    comparisons: Sequence[Comparison],
    runs: Sequence[RunRecord],
    surface: Surface | None,
) -> list[Removal]:
    """Per ablation how the loss changed, and whether it did harm."""
    ablations = {each.name for each in experiments if each.ablations}
    importances = () if surface is None else surface.importances
    important = [each.name for each in importances if each.important]
    return [
        row
        for comparison in comparisons
        if comparison.name in ablations
        for row in _rows(comparison, runs, important)
    ]


def _rows(
    comparison: Comparison, runs: Sequence[RunRecord], important: Sequence[str]
) -> list[Removal]:
    by_name = {row.name: row for row in comparison.rows}
    reference = by_name.pop(NOTHING_CHANGED)
    unchanged = _curves(reference, runs)
    exercised = {
        name: not unchanged or _curves(row, runs) != unchanged for name, row in by_name.items()
    }
    usable = [row for row in by_name.values() if row.n and reference.n and exercised[row.name]]
    found = dict(zip((row.name for row in usable), shortfalls(reference, usable), strict=True))
    return [
        Removal(
            experiment=comparison.name,
            name=name,
            difference=found[name].difference if name in found else None,
            needed=found[name].needed if name in found else None,
            n=row.n,
            exercised=exercised[name],
            matters=tuple(field for field in important if field in row.settings),
            removable=_can_go(row, reference, found.get(name)),
        )
        for name, row in by_name.items()
    ]


def _curves(row: Alternative, runs: Sequence[RunRecord]) -> dict[int, Curve]:
    """The curve of each seed of an ablation."""
    return {run.seed: run.curve for run in runs if run.id in row.runs}


def _can_go(row: Alternative, reference: Alternative, shortfall: Shortfall | None) -> bool | None:
    """Whether no harm is detected; None where nothing can be told."""
    if row.diverged and reference.n:
        return False  # with it, training did not fail
    if shortfall is None or shortfall.needed is None:
        return None
    return not (shortfall.detected and shortfall.difference > 0)
