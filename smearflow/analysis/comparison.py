"""What an experiment compares: each alternative at its own best, and which differ for sure."""

import json
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

from smearflow.experiments.plan import RunRecord, Settings, alternatives, plan_runs
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration

Row = dict[str, Any]
"""One alternative; see `compare`."""

Comparison = dict[str, Any]
"""name, planned, runs, rows; see `compare`."""

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Verdict:
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


def compare(experiment: Experiment, runs: Iterable[RunRecord], base: Configuration) -> Comparison:
    """Each of the experiment's alternatives at its own best nuisance values.

    A nuisance setting of which any seed diverged never is the best, nor one with fewer runs than
    another.

    Returns:
        name, planned and runs (numbers of runs, planned and there) and rows: name, settings,
        nuisance (the best; empty if every setting diverged), n (seeds of the best), diverged (runs,
        over all settings), val_loss and val_accuracy (mean and standard deviation over seeds, null
        if unknown), runs (ids, over all settings), difference and needed (from the best row, see
        `Verdict`; null for itself and where nothing trained).
    """
    own = [run for run in runs if experiment.name in run["experiments"]]
    expected = base.model_dump(mode="json") | experiment.fixed
    compared = alternatives(experiment)
    fields = {name for settings in compared.values() for name in settings}
    rows = []
    for name, settings in compared.items():
        wanted = {field: (expected | settings)[field] for field in fields}
        matching = [run for run in own if has_settings(run, wanted)]
        rows.append(_row(name, settings, experiment, matching))
    return {
        "name": experiment.name,
        "planned": len(plan_runs([experiment], base)),
        "runs": len(own),
        "rows": _with_differences(rows),
    }


def _with_differences(rows: Sequence[Row]) -> list[Row]:
    best, others = ranked(rows)[:1], ranked(rows)[1:]
    found = {
        row["name"]: {"difference": each.difference, "needed": each.needed}
        for row, each in zip(others, verdicts(best[0], others) if others else [], strict=True)
    }
    unknown = {"difference": None, "needed": None}
    return [row | found.get(row["name"], unknown) for row in rows]


def is_worse(row: Row) -> bool:
    """Whether a row of a comparison is detectably worse than its best one."""
    return row["needed"] is not None and abs(row["difference"]) > row["needed"]


def has_settings(run: RunRecord, settings: Mapping[str, Any]) -> bool:
    """Whether a run was configured so."""
    return all(run["configuration"][name] == value for name, value in settings.items())


def _row(name: str, settings: Settings, experiment: Experiment, runs: list[RunRecord]) -> Row:
    nuisance, seeds = _best(experiment.nuisance, runs)
    return {
        "name": name,
        "settings": settings,
        "nuisance": nuisance,
        "n": len(seeds),
        "diverged": sum(run["status"] == "diverged" for run in runs),
        "val_loss": _spread([run["val_loss"] for run in seeds]),
        "val_accuracy": _spread([run["val_accuracy"] for run in seeds]),
        "runs": [run["id"] for run in runs],
    }


def _best(names: Iterable[str], runs: list[RunRecord]) -> tuple[Settings, list[RunRecord]]:
    """The nuisance values, as they were drawn, with the lowest mean loss; and their runs."""
    groups: dict[str, tuple[Settings, list[RunRecord]]] = {}
    for run in runs:
        values = {name: run["configuration"][name] for name in names}
        groups.setdefault(json.dumps(values), (values, []))[1].append(run)
    usable = [
        (values, seeds)
        for values, seeds in groups.values()
        if all(run["status"] == "completed" for run in seeds)
    ]
    most = max((len(seeds) for _, seeds in usable), default=0)
    return min(
        (pair for pair in usable if len(pair[1]) == most),
        key=lambda pair: statistics.fmean(run["val_loss"] for run in pair[1]),
        default=({}, []),
    )


def _spread(values: Sequence[float]) -> dict[str, float | None]:
    return {
        "mean": statistics.fmean(values) if values else None,
        "std": statistics.stdev(values) if len(values) > 1 else None,
    }


def ranked(rows: Iterable[Row]) -> list[Row]:
    """Rows with a result, best first."""
    return sorted((row for row in rows if row["n"]), key=lambda row: row["val_loss"]["mean"])


def verdicts(reference: Row, others: Sequence[Row]) -> list[Verdict]:
    """How much worse each of the other rows is than the reference.

    Student's two-sided t test with the variance pooled over all rows; of several rows the surest
    difference is tested at the level divided by their number, the next at that divided by one less,
    up to the first that is not found (Holm 1979). It ignores that each row is the best of several
    nuisance settings, so it is optimistic.
    """
    differences = [row["val_loss"]["mean"] - reference["val_loss"]["mean"] for row in others]
    repeated = [row for row in (reference, *others) if row["n"] > 1]
    freedom = sum(row["n"] - 1 for row in repeated)
    if not freedom:
        return [Verdict(difference, None) for difference in differences]
    pooled = sum((row["n"] - 1) * row["val_loss"]["std"] ** 2 for row in repeated) / freedom
    errors = [math.sqrt(pooled * (1 / row["n"] + 1 / reference["n"])) for row in others]
    order = sorted(range(len(others)), key=lambda i: -abs(differences[i]) / max(errors[i], 1e-300))
    needed, left = [0.0] * len(others), len(others)
    for number in order:
        level = (1 - CONFIDENCE) / left
        needed[number] = float(stats.t.ppf(1 - level / 2, freedom) * errors[number])
        if abs(differences[number]) > needed[number]:
            left -= 1
    return [Verdict(*pair) for pair in zip(differences, needed, strict=True)]
