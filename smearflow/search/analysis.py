"""What the runs of an exploration answer, and the space they leave for the search."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scipy import stats

from smearflow.errors import SmearflowError
from smearflow.params import Configuration, Experiment
from smearflow.search.plan import grid, label

RunRecord = dict[str, Any]
"""id, experiments, configuration, seed and the figures of `smearflow.model.training.Run`."""

Comparison = dict[str, Any]
"""name, question, rows, answer; see `compare`."""

_CONFIDENCE = 0.95
_HALF_DECADE = math.sqrt(10)

# Searched although no experiment looked at them, unless one did.
_UNEXPLORED: dict[str, dict[str, Any]] = {
    "hidden_activation": {
        "kind": "choice",
        "values": ["linear", "relu"],
        "evidence": "not explored: linear is the published head, relu the usual one",
    },
    "dropout": {
        "kind": "float",
        "low": 0.0,
        "high": 0.5,
        "sampling": "linear",
        "evidence": "not explored: the usual range",
    },
}


def compare(experiment: Experiment, runs: Iterable[RunRecord]) -> Comparison:
    """Each scientific value at its own best nuisance values.

    A nuisance setting of which any seed diverged never is the best.

    Returns:
        name, question, answer (a sentence) and rows: scientific, nuisance (the best; empty if every
        setting diverged), n (seeds of the best), diverged (runs, over all settings), val_loss and
        val_accuracy (mean and standard deviation over seeds, null if unknown).
    """
    own = [run for run in runs if experiment.name in run["experiments"]]
    rows = [
        _row(scientific, experiment, [run for run in own if has_settings(run, scientific)])
        for scientific in grid(experiment.scientific)
    ]
    return {
        "name": experiment.name,
        "question": experiment.question,
        "rows": rows,
        "answer": _answer(rows),
    }


def has_settings(run: RunRecord, settings: Mapping[str, Any]) -> bool:
    """Whether a run was configured so."""
    return all(run["configuration"][name] == value for name, value in settings.items())


def _row(
    scientific: dict[str, Any], experiment: Experiment, runs: list[RunRecord]
) -> dict[str, Any]:
    settings = {
        label(nuisance): (nuisance, [run for run in runs if has_settings(run, nuisance)])
        for nuisance in grid(experiment.nuisance)
    }
    usable = [
        (nuisance, seeds)
        for nuisance, seeds in settings.values()
        if all(run["status"] == "completed" for run in seeds)
    ]
    nuisance, seeds = min(
        usable,
        key=lambda pair: statistics.fmean(run["val_loss"] for run in pair[1]),
        default=({}, []),
    )
    return {
        "scientific": scientific,
        "nuisance": nuisance,
        "n": len(seeds),
        "diverged": sum(run["status"] == "diverged" for run in runs),
        "val_loss": _spread([run["val_loss"] for run in seeds]),
        "val_accuracy": _spread([run["val_accuracy"] for run in seeds]),
    }


def _spread(values: Sequence[float]) -> dict[str, float | None]:
    return {
        "mean": statistics.fmean(values) if values else None,
        "std": statistics.stdev(values) if len(values) > 1 else None,
    }


def _ranked(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with a result, best first."""
    return sorted((row for row in rows if row["n"]), key=lambda row: row["val_loss"]["mean"])


def _answer(rows: list[dict[str, Any]]) -> str:
    ranked = _ranked(rows)
    if not ranked:
        return "No answer: every setting diverged."
    best, *others = ranked
    sentence = f"Lowest validation loss: {_describe(best)}."
    if not others:
        return sentence + " Nothing else trained without diverging." if len(rows) > 1 else sentence
    second = others[0]
    needed = least_difference(best, second)
    sentence += f" Next: {_describe(second)}."
    difference = second["val_loss"]["mean"] - best["val_loss"]["mean"]
    if needed is None:
        return sentence + " With one seed each the spread is unknown: no difference can be told."
    verdict = "a difference" if difference > needed else "no detectable difference"
    return sentence + (
        f" That is {verdict}: {difference:.4f} where {needed:.4f} is needed "
        f"({_CONFIDENCE:.0%} confidence, {best['n']} and {second['n']} seeds)."
    )


def _describe(row: dict[str, Any]) -> str:
    mean, std = row["val_loss"]["mean"], row["val_loss"]["std"]
    spread = "" if std is None else f" ± {std:.4f}"
    at = f" at {label(row['nuisance'])}" if row["nuisance"] else ""
    return f"{label(row['scientific'])}{at}, {mean:.4f}{spread}"


def least_difference(first: dict[str, Any], second: dict[str, Any]) -> float | None:
    """The smallest difference of two rows' mean losses that seeds alone hardly explain.

    Student's two-sided t interval with pooled variance; it ignores that each row is the best of
    several nuisance settings, so it is optimistic.

    Returns:
        A difference of losses, or None where both rows have a single seed.
    """
    rows = [row for row in (first, second) if row["n"] > 1]
    freedom = sum(row["n"] - 1 for row in rows)
    if not freedom:
        return None
    pooled = sum((row["n"] - 1) * row["val_loss"]["std"] ** 2 for row in rows) / freedom
    error = math.sqrt(pooled * (1 / first["n"] + 1 / second["n"]))
    return float(stats.t.ppf((1 + _CONFIDENCE) / 2, freedom) * error)


def narrow(
    experiments: Iterable[Experiment],
    comparisons: Iterable[Comparison],
    runs: Sequence[RunRecord],
    base: Configuration,
) -> dict[str, Any]:
    """The space for the search.

    Of an experiment with nuisance parameters only the best scientific value is kept, since its
    nuisance values are its own; of one without, every value not detectably worse. The learning rate
    may move half a decade either way from the best, but not into rates that diverged.

    Args:
        base: where the search starts if no experiment varied the learning rate.

    Returns:
        parameters: per field kind (float: low, high, sampling; choice: values) and evidence;
        fixed: fields held as the experiments held them.

    Raises:
        SmearflowError: every setting of an experiment diverged.
    """
    parameters = dict(_UNEXPLORED) | {
        "learning_rate": _rates_around(base.learning_rate, [], "not explored: as configured")
    }
    fixed: dict[str, Any] = {}
    for experiment, comparison in zip(experiments, comparisons, strict=True):
        ranked = _ranked(comparison["rows"])
        if not ranked:
            raise SmearflowError(
                f"every setting of the experiment {experiment.name} diverged",
                "lower the learning rates in explore.experiments",
            )
        own = [run for run in runs if experiment.name in run["experiments"]]
        parameters |= _scientific_choices(experiment, ranked)
        parameters |= _nuisance_ranges(ranked[0], own)
        fixed |= experiment.fixed
    held = fixed.keys() - parameters.keys() - {"epochs"}  # tune has epochs of its own
    return {"parameters": parameters, "fixed": {name: fixed[name] for name in held}}


def _scientific_choices(
    experiment: Experiment, ranked: list[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    best = ranked[0]
    kept = [best]
    if not experiment.nuisance:
        kept += [row for row in ranked[1:] if not _detectably_worse(row, best)]
    evidence = f"best: {_describe(best)}"
    if len(kept) > 1:
        evidence += f"; not detectably worse: {'; '.join(_describe(row) for row in kept[1:])}"
    return {
        name: {
            "kind": "choice",
            "values": list(dict.fromkeys(row["scientific"][name] for row in kept)),
            "evidence": evidence,
        }
        for name in experiment.scientific
    }


def _detectably_worse(row: dict[str, Any], best: dict[str, Any]) -> bool:
    needed = least_difference(best, row)
    difference = row["val_loss"]["mean"] - best["val_loss"]["mean"]
    return needed is not None and difference > needed


def _nuisance_ranges(best: dict[str, Any], runs: Sequence[RunRecord]) -> dict[str, dict[str, Any]]:
    """The learning rate as a range; of any other nuisance parameter the best value."""
    found = {}
    for name, value in best["nuisance"].items():
        evidence = f"best: {_describe(best)}"
        if name == "learning_rate":
            diverged = [
                run["configuration"][name]
                for run in runs
                if run["status"] == "diverged" and has_settings(run, best["scientific"])
            ]
            found[name] = _rates_around(value, diverged, evidence)
        else:
            found[name] = {"kind": "choice", "values": [value], "evidence": evidence}
    return found


def _rates_around(best: float, diverged: Sequence[float], evidence: str) -> dict[str, Any]:
    low, high = best / _HALF_DECADE, best * _HALF_DECADE
    above = min((rate for rate in diverged if rate > best), default=None)
    if above is not None:
        high = min(high, math.sqrt(best * above))  # half-way there, on the log scale
        evidence += f"; diverged at {above:.3g}"
    return {
        "kind": "float",
        "low": float(f"{low:.3g}"),
        "high": float(f"{high:.3g}"),
        "sampling": "log",
        "evidence": evidence,
    }
