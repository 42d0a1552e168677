"""The space that an exploration leaves for the search."""

import math
from collections.abc import Sequence
from typing import Any

from smearflow.analysis.bounds import HALF_DECADE, STABILITY, is_whole, moved_bound, rate_limit
from smearflow.analysis.comparison import Row, is_worse, ranked
from smearflow.analysis.evidence import Evidence, compared, failed_with, not_explored, only_with
from smearflow.analysis.runs import Analysis
from smearflow.experiments.plan import RunRecord, has_range
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration

Narrowing = dict[str, Any]
"""parameters, fixed and dropped, with the evidence; see `narrow`."""

Space = dict[str, Any]
"""What a search reads of a narrowing: parameters and fixed."""


def narrow(
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    analysis: Analysis,
    base: Configuration,
) -> Narrowing:
    """What the search should look at, with the evidence.

    Numbers that matter keep their good values, or more where the best lay at a bound. Choices that
    are worse for sure are excluded. What has no detectable effect is dropped. The learning rate is
    never dropped, and never enters rates at which the choices left diverged.

    Args:
        analysis: of `analyse_runs`, of the same runs.
        base: the values of what is dropped.

    Returns:
        parameters: per field kind (float or int: low, high, sampling; choice: values) and evidence
        (a list); dropped: per field value and evidence; fixed: values of fields that are not
        searched.
    """
    plain = base.model_dump(mode="json")
    choices, dropped = _choices(experiments, analysis, plain)
    numbers, flat = _numbers(analysis, plain)
    parameters, dropped = choices | numbers, dropped | flat
    kinds = {name: choices.get(name, {}).get("values", [plain[name]]) for name in STABILITY}
    parameters["learning_rate"] = _rates(analysis, runs, kinds, base)
    if kinds["optimizer"] == ["adam"] and "momentum" in parameters:
        del parameters["momentum"]
        dropped["momentum"] = _dropped(plain["momentum"], [only_with("optimizer", "sgd")])
    searched = {*parameters, *dropped, "epochs"}  # tune has epochs of its own
    fixed = {name: each["value"] for name, each in dropped.items()}
    return {
        "parameters": parameters,
        "fixed": fixed | _held(experiments, runs, searched),
        "dropped": dropped,
    }


def space_of(narrowing: Narrowing) -> Space:
    """What a search reads of it: no evidence, so that other reasons for the same space are none."""
    parameters = {
        name: {key: value for key, value in entry.items() if key != "evidence"}
        for name, entry in narrowing["parameters"].items()
    }
    return {"parameters": parameters, "fixed": narrowing["fixed"]}


Entries = dict[str, dict[str, Any]]


def _dropped(value: Any, evidence: Sequence[Evidence]) -> dict[str, Any]:
    return {"value": value, "evidence": list(evidence)}


def _choices(
    experiments: Sequence[Experiment], analysis: Analysis, base: dict[str, Any]
) -> tuple[Entries, Entries]:
    """Choices that matter, and those that do not."""
    kept, dropped = {}, {}
    alone = _compared(experiments, analysis)
    for row in analysis["bounds"]["choices"] or _unmodelled(alone):
        name, values, evidence = row["name"], row["kept"], row["evidence"]
        if name in alone:
            both = [value for value in values if value in alone[name]["kept"]]
            if both and len(alone[name]["kept"]) < len(row["values"]):
                values, evidence = both, [*evidence, *alone[name]["evidence"]]
        if len(values) < len(row["values"]) or row["important"]:
            kept[name] = {"kind": "choice", "values": values, "evidence": evidence}
        else:
            dropped[name] = _dropped(base[name], evidence)
    return kept, dropped


def _unmodelled(alone: Entries) -> list[dict[str, Any]]:
    """Rows like those of the surface, where too few runs trained for one."""
    return [{"name": name, "important": False} | row for name, row in alone.items()]


def _compared(experiments: Sequence[Experiment], analysis: Analysis) -> Entries:
    """Per choice that an experiment compares by itself: which values are not detectably worse."""
    rows = {each["name"]: each["rows"] for each in analysis["comparisons"]}
    found = {}
    for experiment in experiments:
        names = list(experiment.scientific)
        if len(names) != 1 or has_range(experiment.scientific) or _elsewhere(experiment, analysis):
            continue
        order = ranked(rows[experiment.name])
        if order and not all(map(_is_number, _values(names[0], rows[experiment.name]))):
            found[names[0]] = _as_good(names[0], order, rows[experiment.name])
    return found


def _as_good(name: str, order: list[Row], rows: Sequence[Row]) -> dict[str, Any]:
    kept = [row for row in order if not is_worse(row)]
    lost = [row["name"] for row in rows if row not in kept]
    return {
        "values": _values(name, rows),
        "kept": _values(name, kept),
        "evidence": [compared(lost)],
    }


def _values(name: str, rows: Sequence[Row]) -> list[Any]:
    return [row["settings"][name] for row in rows]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _elsewhere(experiment: Experiment, analysis: Analysis) -> bool:
    """Whether an experiment holds the learning rate where nobody will search."""
    rate = experiment.fixed.get("learning_rate")
    row = _row("learning_rate", analysis)
    if rate is None or row is None:
        return False
    return not row["good"][0] <= rate <= row["good"][1]


def _row(name: str, analysis: Analysis) -> dict[str, Any] | None:
    rows = analysis["bounds"]["parameters"]
    return next((row for row in rows if row["name"] == name), None)


def _numbers(analysis: Analysis, base: dict[str, Any]) -> tuple[Entries, Entries]:
    """Numbers that matter, and those that do not; the learning rate apart."""
    important = {each["name"]: each["important"] for each in analysis["importance"]["parameters"]}
    kept, dropped = {}, {}
    for row in analysis["bounds"]["parameters"]:
        name = row["name"]
        if name == "learning_rate":
            continue
        if important[name]:
            kept[name] = _range(name, *_open(row), row["sampling"], row["evidence"])
        else:
            dropped[name] = _dropped(base[name], row["evidence"])
    return kept, dropped


def _open(row: dict[str, Any]) -> tuple[float, float]:
    """The good values, out to where the bound moves."""
    low, high = row["good"]
    if row["moved"]:
        bound = moved_bound(row["name"], row["sampling"], row["searched"], row["moved"])
        low, high = (low, bound) if row["moved"] == "up" else (bound, high)
    return low, high


def _range(
    name: str, low: float, high: float, sampling: str, evidence: Sequence[Evidence]
) -> dict[str, Any]:
    whole = is_whole(name)
    if whole:
        low, high = round(low), max(round(high), round(low) + 1)
    else:
        low, high = float(f"{low:.3g}"), float(f"{high:.3g}")
    return {
        "kind": "int" if whole else "float",
        "low": low,
        "high": high,
        "sampling": sampling,
        "evidence": list(evidence),
    }


def _rates(
    analysis: Analysis,
    runs: Sequence[RunRecord],
    kinds: dict[str, list[Any]],
    base: Configuration,
) -> dict[str, Any]:
    """Learning rates; above them, half-way to the lowest that failed on the logarithmic scale."""
    row = _row("learning_rate", analysis)
    if row is None:
        best = base.learning_rate
        low, high, evidence = best / HALF_DECADE, best * HALF_DECADE, [not_explored()]
    else:
        (low, high), evidence = _open(row), row["evidence"]
    if high < 1.1 * low:  # a single rate
        low, high = low / HALF_DECADE, high * HALF_DECADE
    safe = rate_limit(runs, kinds)
    if safe is not None:
        limit = math.sqrt(safe[0] * safe[1])
        if high > limit:
            low, high = min(low, limit / HALF_DECADE), float(f"{limit:.3g}")
            high = high if high < safe[1] else safe[0]
            evidence = [*evidence, failed_with(safe[1], kinds)]
    return _range("learning_rate", low, min(high, 10.0), "log", evidence)


def _held(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], searched: set[str]
) -> dict[str, Any]:
    """What experiments hold or only remove, at a value that all runs agree on."""
    held = {name for each in experiments for name in each.fixed} - searched
    values = {name: [run["configuration"][name] for run in runs] for name in sorted(held)}
    return {
        name: found[0] for name, found in values.items() if all(each == found[0] for each in found)
    }
