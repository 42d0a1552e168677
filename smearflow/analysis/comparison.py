"""What an experiment compares: each alternative at its own best, and which differ for sure."""

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scipy import stats

from smearflow.experiments.plan import alternatives, plan_runs
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration, Setting
from smearflow.records.analysis.comparison import Alternative, Comparison, Spread
from smearflow.records.exploration import RunRecord

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Shortfall:
    """How much worse one row is than another.

    Attributes:
        difference: of the mean validation losses.
        needed: the least difference that seeds alone hardly explain; None: the spread is unknown.
    """

    difference: float
    needed: float | None

    @property
    def detected(self) -> bool:
        """Whether the difference, of either sign, is larger than needed."""
        return self.needed is not None and abs(self.difference) > self.needed


def compare_alternatives(
    experiment: Experiment, runs: Iterable[RunRecord], base: Configuration
) -> Comparison:
    """Each of the experiment's alternatives at its own best nuisance values.

    A nuisance setting of which any seed diverged never is the best, nor one with fewer runs than
    another.
    """
    own = [run for run in runs if experiment.name in run.experiments]
    expected = base.model_dump(mode="json") | experiment.fixed
    compared = alternatives(experiment)
    fields = {name for settings in compared.values() for name in settings}
    rows = []
    for name, settings in compared.items():
        wanted = {field: (expected | settings)[field] for field in fields}
        matching = [run for run in own if has_settings(run, wanted)]
        rows.append(_alternative(name, settings, experiment, matching))
    return Comparison(
        name=experiment.name,
        planned=len(plan_runs([experiment], base)),
        runs=len(own),
        rows=_with_differences(rows),
    )


def _with_differences(rows: Sequence[Alternative]) -> tuple[Alternative, ...]:
    if len(order := ranked(rows)) < 2:
        return tuple(rows)
    best, *others = order
    found = {
        row.name: {"difference": each.difference, "needed": each.needed}
        for row, each in zip(others, shortfalls(best, others), strict=True)
    }
    return tuple(row.model_copy(update=found.get(row.name, {})) for row in rows)


def has_settings(run: RunRecord, settings: Setting) -> bool:
    """Whether a run was configured so."""
    return all(getattr(run.configuration, name) == value for name, value in settings.items())


def _alternative(
    name: str, settings: Setting, experiment: Experiment, runs: Sequence[RunRecord]
) -> Alternative:
    nuisance, seeds = _best(experiment.nuisance, runs)
    return Alternative(
        name=name,
        settings=settings,
        nuisance=nuisance,
        n=len(seeds),
        diverged=sum(run.status == "diverged" for run in runs),
        val_loss=_spread([run.val_loss for run in seeds]),
        val_accuracy=_spread([run.val_accuracy for run in seeds]),
        runs=tuple(run.id for run in runs),
    )


def _best(names: Iterable[str], runs: Sequence[RunRecord]) -> tuple[Setting, list[RunRecord]]:
    """The nuisance values, as they were drawn, with the lowest mean loss; and their runs."""
    groups: dict[str, tuple[Setting, list[RunRecord]]] = {}
    for run in runs:
        values = {name: getattr(run.configuration, name) for name in names}
        groups.setdefault(json.dumps(values), (values, []))[1].append(run)
    usable = [
        (values, seeds)
        for values, seeds in groups.values()
        if all(run.status == "completed" for run in seeds)
    ]
    most = max((len(seeds) for _, seeds in usable), default=0)
    return min(
        (pair for pair in usable if len(pair[1]) == most),
        key=lambda pair: statistics.fmean(run.loss for run in pair[1]),
        default=({}, []),
    )


def _spread(values: Iterable[float | None]) -> Spread:
    known = [value for value in values if value is not None]
    return Spread(
        mean=statistics.fmean(known) if known else None,
        std=statistics.stdev(known) if len(known) > 1 else None,
    )


def ranked(rows: Iterable[Alternative]) -> list[Alternative]:
    """Rows with a result, best first."""
    return sorted((row for row in rows if row.n), key=lambda row: row.loss)


def shortfalls(reference: Alternative, others: Sequence[Alternative]) -> list[Shortfall]:
    """How much worse each of the other rows is than the reference.

    Student's two-sided t test with the variance pooled over all rows; of several rows the surest
    difference is tested at the level divided by their number, the next at that divided by one less,
    up to the first that is not found (Holm 1979). It ignores that each row is the best of several
    nuisance settings, so it is optimistic.
    """
    differences = [row.loss - reference.loss for row in others]
    repeated = [row for row in (reference, *others) if row.n > 1]
    freedom = sum(row.n - 1 for row in repeated)
    if not freedom:
        return [Shortfall(difference, None) for difference in differences]
    squares = sum((row.n - 1) * (row.val_loss.std or 0.0) ** 2 for row in repeated)
    pooled = squares / freedom
    errors = [math.sqrt(pooled * (1 / row.n + 1 / reference.n)) for row in others]
    order = sorted(range(len(others)), key=lambda i: -abs(differences[i]) / max(errors[i], 1e-300))
    needed, left = [0.0] * len(others), len(others)
    for number in order:
        level = (1 - CONFIDENCE) / left
        needed[number] = float(stats.t.ppf(1 - level / 2, freedom) * errors[number])
        if abs(differences[number]) > needed[number]:
            left -= 1
    return [Shortfall(*pair) for pair in zip(differences, needed, strict=True)]
