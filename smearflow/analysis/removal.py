"""What can be removed without loss, by the experiments that remove something."""

from collections.abc import Sequence

from smearflow.analysis.comparison import Shortfall, shortfalls
from smearflow.experiments.plan import NOTHING_CHANGED
from smearflow.model.curves import Curve
from smearflow.params.explore import Experiment
from smearflow.records.analysis.analysis import Removal
from smearflow.records.analysis.comparison import Alternative, Comparison
from smearflow.records.analysis.surface import Verdict
from smearflow.records.exploration import RunRecord


def removals(
    experiments: Sequence[Experiment],
    comparisons: Sequence[Comparison],
    runs: Sequence[RunRecord],
    verdicts: Sequence[Verdict],
) -> list[Removal]:
    """Per ablation how the loss changed, and whether it did harm."""
    ablations = {each.name for each in experiments if each.ablations}
    return [
        row
        for comparison in comparisons
        if comparison.name in ablations
        for row in _rows(comparison, runs, verdicts)
    ]


def _rows(
    comparison: Comparison, runs: Sequence[RunRecord], verdicts: Sequence[Verdict]
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
            matters=tuple(
                each.name for each in verdicts if each.has_effect and each.name in row.settings
            ),
            removable=_can_go(row, reference, found.get(name), verdicts),
        )
        for name, row in by_name.items()
    ]


def _curves(row: Alternative, runs: Sequence[RunRecord]) -> dict[int, Curve]:
    """The curve of each seed of an ablation."""
    return {run.seed: run.curve for run in runs if run.id in row.runs}


def _can_go(
    row: Alternative,
    reference: Alternative,
    shortfall: Shortfall | None,
    verdicts: Sequence[Verdict],
) -> bool | None:
    """Whether no harm is detected; None where nothing can be told.

    What all that speaks of a parameter together leaves open, or says matters, is not called
    harmless by a few runs of an ablation.
    """
    if row.diverged and reference.n:
        return False  # with it, training did not fail
    if shortfall is None or shortfall.needed is None:
        return None
    if shortfall.detected and shortfall.difference > 0:
        return False
    concerned = [each for each in verdicts if each.name in row.settings]
    return True if all(_allows(each, shortfall) for each in concerned) else None


def _allows(verdict: Verdict, shortfall: Shortfall) -> bool:
    """Whether a verdict on a parameter does not forbid to call its removal harmless."""
    if verdict.has_effect:
        return shortfall.detected  # for the better
    return verdict.found == "none" or verdict.doubt == "untested"
