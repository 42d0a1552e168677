"""The space that an exploration leaves for the search."""

import math
from collections.abc import Sequence

from smearflow.analysis.choices import is_searched, narrow_choices
from smearflow.analysis.rates import STABILITY, rate_limit
from smearflow.analysis.reach import HALF_DECADE, Bounds, is_whole, moved_bound, reachable
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration, Setting
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.analysis.evidence import Evidence, FailedWith, Kinds, NotExplored, OnlyWith
from smearflow.records.analysis.narrowing import Dropped, Narrowing, Searched, SearchedInterval
from smearflow.records.analysis.surface import GoodInterval
from smearflow.records.exploration import RunRecord
from smearflow.records.search.dimensions import Sampling
from smearflow.records.search.space import Space


def narrow(
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    analysis: Analysis,
    base: Configuration,
) -> Narrowing:
    """What the search should look at, with the evidence.

    Numbers that matter keep their good values, or more where the best lay at a bound. Choices that
    are worse for sure are excluded. What has no detectable effect is dropped, what is not known is
    searched as it was. What regularises pays late: by runs shorter than the final training only
    less of it is excluded, where more helps already; else it is held as configured. The learning
    rate is never dropped, and never enters rates at which the choices left diverged.

    Args:
        analysis: of `analyse_runs`, of the same runs.
        base: the values of what is dropped.
    """
    plain = base.model_dump(mode="json")
    choices, dropped = narrow_choices(experiments, analysis, plain)
    numbers, flat = _numbers(analysis, plain)
    parameters: dict[str, Searched] = {**choices, **numbers}
    dropped |= flat
    kinds = {
        name: choices[name].values if name in choices else (plain[name],) for name in STABILITY
    }
    parameters["learning_rate"] = _rates(analysis, runs, kinds, base)
    if kinds["optimizer"] == ("adam",) and "momentum" in parameters:
        del parameters["momentum"]
        evidence = (OnlyWith(parameter="optimizer", value="sgd"),)
        dropped["momentum"] = Dropped(value=base.momentum, evidence=evidence)
    searched = {*parameters, *dropped, "epochs"}  # tune has epochs of its own
    fixed = {name: each.value for name, each in dropped.items()}
    return Narrowing(
        parameters=parameters,
        dropped=dropped,
        fixed=fixed | _held(experiments, runs, searched),
    )


def space_of(narrowing: Narrowing) -> Space:
    """What a search reads of it: no evidence, so that other reasons for the same space are none."""
    return Space.model_validate(
        narrowing.model_dump(exclude={"dropped": True, "parameters": {"__all__": {"evidence"}}})
    )


def _numbers(
    analysis: Analysis, base: Setting
) -> tuple[dict[str, SearchedInterval], dict[str, Dropped]]:
    """Numbers that matter, and those that do not; the learning rate apart."""
    kept, dropped = {}, {}
    for row in analysis.bounds.parameters:
        if row.name == "learning_rate":
            continue
        if is_searched(analysis.verdict(row.name)):
            reach = reachable(row.name, row.sampling, row.searched)
            kept[row.name] = _interval(row.name, *_open(row), row.sampling, row.evidence, reach)
        else:
            dropped[row.name] = Dropped(value=base[row.name], evidence=row.evidence)
    return kept, dropped


def _open(row: GoodInterval) -> tuple[float, float]:
    """The good values, out to where the bound moves."""
    low, high = row.good
    if row.moved is None:
        return low, high
    bound = moved_bound(row.name, row.sampling, row.searched, row.moved)
    assert bound is not None  # or it would not be called moved
    return (low, bound) if row.moved == "up" else (bound, high)


def _interval(
    name: str,
    low: float,
    high: float,
    sampling: Sampling,
    evidence: Sequence[Evidence],
    reach: Bounds,
) -> SearchedInterval:
    whole = is_whole(name)
    if whole:
        low, high = round(low), max(round(high), round(low) + 1)
    else:
        low, high = float(f"{low:.3g}"), float(f"{high:.3g}")
    return SearchedInterval(
        kind="int" if whole else "float",
        low=low,
        high=high,
        sampling=sampling,
        reach=(min(low, reach[0]), max(high, reach[1])),
        evidence=tuple(evidence),
    )


def _rates(
    analysis: Analysis, runs: Sequence[RunRecord], kinds: Kinds, base: Configuration
) -> SearchedInterval:
    """Learning rates; above them, half-way to the lowest that failed on the logarithmic scale."""
    row = analysis.bounds.of("learning_rate")
    evidence: tuple[Evidence, ...] = (NotExplored(),)
    if row is None:
        best = base.learning_rate
        low, high = best / HALF_DECADE, best * HALF_DECADE
    else:
        (low, high), evidence = _open(row), row.evidence
    if high < 1.1 * low:  # a single rate
        low, high = low / HALF_DECADE, high * HALF_DECADE
    safe = rate_limit(runs, kinds)
    lowest, highest = reachable("learning_rate", "log", (low, high))
    if safe is not None:
        limit = math.sqrt(safe[0] * safe[1])
        if high > limit:
            low, high = min(low, limit / HALF_DECADE), float(f"{limit:.3g}")
            high = high if high < safe[1] else safe[0]
            evidence = (*evidence, FailedWith(value=safe[1], kinds=kinds))
        highest = limit
    reach = (lowest, highest)
    return _interval("learning_rate", low, min(high, 10.0), "log", evidence, reach)


def _held(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], searched: set[str]
) -> Setting:
    """What experiments hold or only remove, at a value that all runs agree on."""
    held = {name for each in experiments for name in each.fixed} - searched
    values = {name: [getattr(run.configuration, name) for run in runs] for name in sorted(held)}
    return {
        name: found[0] for name, found in values.items() if all(each == found[0] for each in found)
    }
