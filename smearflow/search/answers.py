"""The seven questions of an exploration, answered from its runs."""

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from smearflow.errors import SmearflowError
from smearflow.model.curves import advice, diagnose
from smearflow.params import Configuration, Experiment
from smearflow.search.bounds import choice_rows, numeric_rows
from smearflow.search.comparison import (
    Comparison,
    Row,
    RunRecord,
    Verdict,
    compare,
    deviations,
    verdicts,
)
from smearflow.search.convergence import convergence
from smearflow.search.plan import NOTHING_CHANGED, alternatives, plan_runs, varied_fields
from smearflow.search.response import TOGETHER, Surface, fit_surface, trained

Answers = dict[str, Any]
"""JSON-able; see `answer`."""

REGULARISERS = (
    "weight_decay",
    "label_smoothing",
    "dropout",
    "augment",
    "stain_jitter",
    "brightness_jitter",
)

_KERNELS = ("first kernel", "last kernel", "hidden kernel", "classifier kernel")
_SHOWN = 5  # runs of each kind in the table of gradients
_TOO_FEW = "No answer: too few runs trained to tell effects from noise."


def answer(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], base: Configuration
) -> Answers:
    """Answer what the runs can answer; runs may be missing.

    Args:
        base: the configuration that the experiments start from.

    Returns:
        runs, planned and diverged (numbers of runs), labels (of the curve of each run's id), and a
        dictionary with a question, an answer of one to three sentences and rows for each of
        comparisons (a list, one per experiment that compares alternatives), importance,
        interactions, bounds, removable, overfitting, gradients and convergence.

    Raises:
        SmearflowError: there is no run, or all diverged.
    """
    diverged = sum(run["status"] == "diverged" for run in runs)
    if diverged == len(runs):
        raise SmearflowError(
            f"all {len(runs)} runs of the exploration diverged" if runs else "no run was explored",
            "lower the learning rates in explore.experiments",
        )
    labels = {run["id"]: diagnose(run["curve"]) for run in runs}
    planned = len(plan_runs(experiments, base))
    surface = fit_surface(experiments, runs, base)
    comparing = [each for each in experiments if alternatives(each)]
    comparisons = [_comparison(each, runs, base) for each in comparing]
    return {
        "runs": len(runs),
        "planned": planned,
        "diverged": diverged,
        "labels": labels,
        "comparisons": comparisons,
        "importance": _importance(surface, runs, planned),
        "interactions": _interactions(surface),
        "bounds": _bounds(experiments, runs, surface),
        "removable": _removable(experiments, comparisons, runs, surface),
        "overfitting": _overfitting(runs, labels, surface),
        "gradients": _gradients(experiments, runs, labels, base),
        "convergence": convergence(experiments, runs, base),
    }


def _comparison(
    experiment: Experiment, runs: Sequence[RunRecord], base: Configuration
) -> Comparison:
    comparison = compare(experiment, runs, base)
    planned = len(plan_runs([experiment], base))
    there = sum(experiment.name in run["experiments"] for run in runs)
    if there < planned:
        comparison["answer"] += f" Partial: {there} of {planned} runs are there."
    return comparison


def _importance(surface: Surface | None, runs: Sequence[RunRecord], planned: int) -> dict[str, Any]:
    rows = [] if surface is None else [vars(each) for each in surface.importances]
    sentences = [_TOO_FEW if surface is None else _what_matters(surface), *_failures(runs)]
    if len(runs) < planned:
        sentences.append(f"Partial: {len(runs)} of {planned} runs are there.")
    return {
        "question": "Which parameters move the validation loss most?",
        "answer": " ".join(sentences),
        "parameters": rows,
        "noise": None if surface is None else surface.noise,
        "explained": None if surface is None else surface.explained,
    }


def _what_matters(surface: Surface) -> str:
    found = [each for each in surface.importances if each.important]
    noise = f"runs alike differ by {math.expm1(surface.noise):.0%}"
    if not found:
        return f"No parameter has a detectable effect: {noise}, more than any of them explains."
    first, *others = found
    sentence = (
        f"{plain(first.name).capitalize()} moves it most: {first.share:.0%} of its variance "
        f"({first.low:.0%} to {first.high:.0%}), where {noise}."
    )
    none = [each.name for each in surface.importances if each.tested and not each.important]
    rest = [f"then {enumerate_words([each.name for each in others])}"] if others else []
    rest += [f"no detectable effect of {enumerate_words(none)}"] if none else []
    return " ".join([sentence, *_sentence("; ".join(rest))])


def _sentence(words: str) -> list[str]:
    """Words as a sentence, if there are any."""
    return [f"{words[0].upper()}{words[1:]}."] if words else []


def _failures(runs: Sequence[RunRecord]) -> list[str]:
    """What is left out of the surface, in words."""
    failed = [run for run in runs if not trained(run)]
    if not failed:
        return []
    rates = [run["configuration"]["learning_rate"] for run in failed if run["status"] == "diverged"]
    first = f", the first at a learning rate of {min(rates):.3g}" if rates else ""
    return [
        f"Left out: {len(failed)} of {len(runs)} runs that diverged or did no better than "
        f"guessing{first}."
    ]


def plain(name: str) -> str:
    """A field in words."""
    return name.replace("_", " ")


def enumerate_words(names: Sequence[str]) -> str:
    """`dropout, momentum and learning rate`."""
    *start, last = map(plain, names)
    return f"{', '.join(start)} and {last}" if start else last


def _interactions(surface: Surface | None) -> dict[str, Any]:
    pairs = [] if surface is None else list(surface.tested)
    found = [enumerate_words(pair.parameters) for pair in pairs if pair.found]
    if surface is None:
        sentence = _TOO_FEW
    elif not pairs:
        sentence = "No answer: no experiment varies two parameters together in enough runs."
    elif not found:
        sentence = (
            f"None, as far as these runs show: each parameter can be tuned by itself. Pairs "
            f"tested: {len(pairs)}."
        )
    else:
        sentence = (
            f"{'; '.join(found).capitalize()}: the best value of one depends on the other, so they "
            f"must be tuned together. Pairs tested: {len(pairs)}, with one chance in "
            f"{1 / TOGETHER:.0f} that any is found by accident."
        )
    return {
        "question": "Which parameters must be tuned together?",
        "answer": sentence,
        "pairs": [
            {"parameters": list(pair.parameters), "p": pair.p, "found": pair.found}
            for pair in pairs
        ],
    }


def _bounds(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], surface: Surface | None
) -> dict[str, Any]:
    rows = [] if surface is None else numeric_rows(experiments, runs, surface)
    narrowed = [row for row in rows if row["good"] != row["searched"]]
    moved = [row for row in rows if row["moved"]]
    sentences = [
        f"{plain(row['name']).capitalize()} between {row['good'][0]:.3g} and {row['good'][1]:.3g}."
        for row in narrowed[:2]
    ]
    if moved:
        words = enumerate_words([row["name"] for row in moved])
        sentences.append(
            f"The best lies at a bound of what was searched, which moves out: {words}."
        )
    if not sentences:
        sentences = ["Every value searched is as good as any other, as far as these runs show."]
    return {
        "question": "Between which bounds are good values?",
        "answer": _TOO_FEW if surface is None else " ".join(sentences),
        "parameters": rows,
        "choices": [] if surface is None else choice_rows(surface),
    }


def _removable(
    experiments: Sequence[Experiment],
    comparisons: Sequence[Comparison],
    runs: Sequence[RunRecord],
    surface: Surface | None,
) -> dict[str, Any]:
    ablations = {each.name for each in experiments if each.ablations}
    importances = [] if surface is None else surface.importances
    important = [each.name for each in importances if each.important]
    rows = [
        row
        for comparison in comparisons
        if comparison["name"] in ablations
        for row in _removal_rows(comparison, runs, important)
    ]
    return {
        "question": "What can be removed without loss?",
        "answer": _removal_answer(rows),
        "rows": rows,
    }


def _removal_rows(
    comparison: Comparison, runs: Sequence[RunRecord], important: Sequence[str]
) -> list[dict[str, Any]]:
    """One per ablation; exercised is false where it changed nothing, matters holds what it took
    away and all runs together call important.
    """
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


def _removal_answer(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "No answer: no experiment removes anything."
    by_verdict: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for row in rows:
        if row["exercised"]:
            by_verdict[row["removable"]].append(row["name"])
    harmless = [row for row in rows if row["removable"]]
    sentences = []
    if harmless:
        unseen = max(row["needed"] for row in harmless)
        sentence = (
            f"No detectable loss {_either(by_verdict[True])}; a rise of the validation loss of "
            f"less than {unseen:.3f} would have gone unseen"
        )
        matters = list(dict.fromkeys(name for row in harmless for name in row["matters"]))
        if matters:
            sentence += f", and all runs together show an effect of {enumerate_words(matters)}"
        sentences.append(f"{sentence}.")
    if by_verdict[False]:
        sentences.append(f"Worse for sure: {', '.join(by_verdict[False])}.")
    if by_verdict[None]:
        sentences.append(f"Cannot be told: {', '.join(by_verdict[None])}.")
    idle = [row["name"] for row in rows if not row["exercised"]]
    if idle:
        sentences.append(f"Not exercised, as no curve changed: {', '.join(idle)}.")
    return " ".join(sentences)


def _either(names: Sequence[str]) -> str:
    *start, last = names
    return f"{', '.join(start)} or {last}" if start else last


def _overfitting(
    runs: Sequence[RunRecord], labels: dict[str, str], surface: Surface | None
) -> dict[str, Any]:
    completed = [run for run in runs if run["status"] == "completed"]
    overfitted = [run for run in completed if labels[run["id"]].startswith("overfitting")]
    gaps = [_gap(run) for run in completed if run["best_epoch"]]
    share, gap = len(overfitted) / len(completed), statistics.median(gaps)
    side = "above" if gap > 0 else "below"
    rows = [] if surface is None else _regularisers(surface)
    sentences = [
        f"{len(overfitted)} of {len(completed)} runs overfit. In the best epoch of the median run "
        f"the validation loss is {abs(gap):.3f} {side} the training loss."
    ]
    helpful = [row["name"] for row in rows if row["helps"]]
    harmful = [row["name"] for row in rows if row["helps"] is False]
    effects = [f"lower validation loss with {enumerate_words(helpful)}"] if helpful else []
    effects += [f"higher with {enumerate_words(harmful)}"] if harmful else []
    sentences += _sentence("; ".join(effects) or "no regulariser has a detectable effect")
    return {
        "question": "Do runs overfit, and does regularisation help?",
        "answer": " ".join(sentences),
        "share": share,
        "gap": gap,
        "regularisers": rows,
    }


def _gap(run: RunRecord) -> float:
    """By how much the validation loss of the best epoch is higher than the training loss."""
    epoch = run["best_epoch"] - 1
    return float(run["curve"]["val_loss"][epoch] - run["curve"]["loss"][epoch])


def _regularisers(surface: Surface) -> list[dict[str, Any]]:
    """The relative change of the validation loss from none to a moderate dose, with 95 % interval.

    Moderate is the middle of the values tried. helps is null where the interval holds 0, or where
    no effect of the parameter is found at all.
    """
    important = {each.name: each.important for each in surface.importances}
    rows = []
    for name in (name for name in REGULARISERS if name in surface.varied):
        axis = surface.axis(name)
        if axis is None:
            continue
        doses = [False, True] if axis.scale == "choice" else [axis.low, axis.value(0.0)]
        losses, resampled = surface.along(name, doses)
        low, high = np.expm1(np.quantile(resampled[1] - resampled[0], [0.025, 0.975]))
        rows.append(
            {
                "name": name,
                "effect": math.expm1(losses[1] - losses[0]),
                "low": float(low),
                "high": float(high),
                "helps": bool(high < 0) if important[name] and not low <= 0 <= high else None,
            }
        )
    return rows


def _gradients(
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    labels: dict[str, str],
    base: Configuration,
) -> dict[str, Any]:
    """The runs with the largest gradients, and the best ones."""
    norms = {run["id"]: _largest_norm(run) for run in runs}
    order = sorted(runs, key=lambda run: -math.inf if (n := norms[run["id"]]) is None else -n)
    best = sorted(filter(trained, runs), key=lambda run: run["val_loss"])
    shown = {run["id"]: run for run in [*order[:_SHOWN], *best[:_SHOWN]]}
    varied = varied_fields(experiments)
    rows = [
        {
            "run": name,
            "settings": deviations(run, varied, base),
            "label": labels[name],
            "gradient_norm": norms[name],
            "weight_change": run["weight_change"],
        }
        for name, run in shown.items()
    ]
    return {
        "question": "Do gradients explode or vanish, and how far do layers move?",
        "answer": _gradient_answer(runs, labels, best[:_SHOWN]),
        "rows": rows,
    }


def _largest_norm(run: RunRecord) -> float | None:
    """Of the whole training; None if it was not finite, or not measured."""
    norms = run["curve"].get("gradient_norm") or [None]
    return None if None in norms else max(norms)


def _gradient_answer(
    runs: Sequence[RunRecord], labels: dict[str, str], best: Sequence[RunRecord]
) -> str:
    counts = Counter(labels.values())
    wild = [run for run in runs if labels[run["id"]] in ("diverged", "exploding")]
    sentence = f"They stayed bounded in all {len(runs)} runs."
    if wild:
        lowest = min(run["configuration"]["learning_rate"] for run in wild)
        sentence = (
            f"They exploded in {len(wild)} of {len(runs)} runs, of which {counts['diverged']} "
            f"diverged, at learning rates from {lowest:.3g} up: {advice('exploding')}."
        )
    stuck = counts["stagnated"]
    sentence += f" {stuck} run{'s' * (stuck != 1)} learned nothing." if stuck else ""
    moved = _moved(best)
    return sentence + (f" In the best runs weights moved by: {moved}." if moved else "")


def _moved(runs: Sequence[RunRecord]) -> str:
    """How far the kernels of each landmark moved in the median run, relative to their size."""
    changes = {
        name: [change for run in runs if (change := run["weight_change"].get(name)) is not None]
        for name in _KERNELS
    }
    return ", ".join(
        f"{name} {statistics.median(each):.1%}" for name, each in changes.items() if each
    )
