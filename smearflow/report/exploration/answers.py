"""The seven questions of an exploration and their answers, in one to three sentences each."""

import math
from collections.abc import Sequence

from smearflow.analysis.convergence import NEAR
from smearflow.analysis.gradients import KERNELS
from smearflow.analysis.terms import TOGETHER
from smearflow.experiments.plan import name_of
from smearflow.records.analysis.analysis import (
    Analysis,
    Convergence,
    Failures,
    Removal,
)
from smearflow.report.exploration.verdicts import not_known
from smearflow.report.text import enumerate_words, in_order, readable
from smearflow.report.wording import advice

QUESTIONS = {
    "importance": "Which parameters move the validation loss most?",
    "interactions": "Which parameters must be tuned together?",
    "bounds": "Between which bounds are good values?",
    "removable": "What can be removed without loss?",
    "overfitting": "Do runs overfit, and does regularisation help?",
    "gradients": "Do gradients explode or vanish, and how far do layers move?",
    "convergence": "What converges fastest?",
}
HEADLINES = ("importance", "interactions", "bounds")  # told at the end of a run

_TOO_FEW = "No answer: too few runs trained to tell effects from noise."


def answers(analysis: Analysis) -> dict[str, str]:
    """The answer to each of QUESTIONS."""
    return {
        "importance": _importance(analysis),
        "interactions": _interactions(analysis),
        "bounds": _bounds(analysis),
        "removable": _removable(analysis.removable.rows),
        "overfitting": _overfitting(analysis),
        "gradients": _gradients(analysis),
        "convergence": _convergence(analysis.convergence),
    }


def _importance(analysis: Analysis) -> str:
    runs, planned = analysis.runs, analysis.planned
    sentences = [_what_matters(analysis) if analysis.modelled else _TOO_FEW]
    sentences += _left_out(analysis.failed, runs)
    if runs < planned:
        sentences.append(f"Partial: {runs} of {planned} runs are there.")
    return " ".join(sentences)


def _what_matters(analysis: Analysis) -> str:
    found = analysis.importance
    important = [row for row in found.parameters if analysis.verdict(row.name).has_effect]
    noise = f"runs alike differ by {math.expm1(found.noise or 0.0):.0%}"
    unknown = not_known(analysis.verdicts)
    if not important:
        sentence = f"No parameter has a detectable effect: {noise}, more than any of them explains."
        return f"{sentence} {unknown}".strip()
    first, *others = important
    sentence = (
        f"{readable(first.name).capitalize()} moves it most: {first.share:.0%} of its "
        f"variance ({first.low:.0%} to {first.high:.0%}), where {noise}."
    )
    none = [each.name for each in analysis.verdicts if each.found == "none"]
    rest = [f"then {enumerate_words([row.name for row in others])}"] if others else []
    rest += [f"no detectable effect of {enumerate_words(none)}"] if none else []
    return " ".join([sentence, *_sentence("; ".join(rest)), unknown]).strip()


def _sentence(words: str) -> list[str]:
    """Words as a sentence, if there are any."""
    return [f"{words[0].upper()}{words[1:]}."] if words else []


def _left_out(failed: Failures, runs: int) -> list[str]:
    """What is no part of the surface."""
    if not failed.runs:
        return []
    rate = failed.lowest_rate
    first = "" if rate is None else f", the first at a learning rate of {rate:.3g}"
    return [
        f"Left out: {failed.runs} of {runs} runs that diverged or did no better than "
        f"guessing{first}."
    ]


def _interactions(analysis: Analysis) -> str:
    pairs = analysis.interactions.pairs
    found = [enumerate_words(pair.parameters) for pair in pairs if pair.found]
    if not analysis.modelled:
        return _TOO_FEW
    if not pairs:
        return "No answer: no experiment varies two parameters together in enough runs."
    if not found:
        return (
            f"None, as far as these runs show: each parameter can be tuned by itself. Pairs "
            f"tested: {len(pairs)}."
        )
    return (
        f"{'; '.join(found).capitalize()}: the best value of one depends on the other, so they "
        f"must be tuned together. Pairs tested: {len(pairs)}, with one chance in "
        f"{1 / TOGETHER:.0f} that any is found by accident."
    )


def _bounds(analysis: Analysis) -> str:
    if not analysis.modelled:
        return _TOO_FEW
    rows = analysis.bounds.parameters
    narrowed = [row for row in rows if row.good != row.searched]
    moved = [row.name for row in rows if row.moved]
    sentences = [
        f"{readable(row.name).capitalize()} between {row.good[0]:.3g} and {row.good[1]:.3g}."
        for row in narrowed[:2]
    ]
    if moved:
        sentences.append(
            "The best lies at a bound of what was searched, which moves out: "
            f"{enumerate_words(moved)}."
        )
    if not sentences:
        sentences = ["Every value searched is as good as any other, as far as these runs show."]
    return " ".join(sentences)


def _removable(rows: Sequence[Removal]) -> str:
    if not rows:
        return "No answer: no experiment removes anything."
    by_verdict: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for row in rows:
        if row.exercised:
            by_verdict[row.removable].append(row.name)
    sentences = _harmless([row for row in rows if row.removable])
    if by_verdict[False]:
        sentences.append(f"Worse for sure: {', '.join(by_verdict[False])}.")
    if by_verdict[None]:
        sentences.append(f"Cannot be told: {', '.join(by_verdict[None])}.")
    idle = [row.name for row in rows if not row.exercised]
    if idle:
        sentences.append(f"Not exercised, as no curve changed: {', '.join(idle)}.")
    return " ".join(sentences)


def _harmless(rows: Sequence[Removal]) -> list[str]:
    if not rows:
        return []
    names = enumerate_words([row.name for row in rows], "or")
    unseen = max(row.needed or 0.0 for row in rows)
    sentence = (
        f"No detectable loss {names}; a rise of the validation loss of less than {unseen:.3f} "
        "would have gone unseen"
    )
    matters = list(dict.fromkeys(name for row in rows for name in row.matters))
    if matters:
        sentence += f", and all runs together show an effect of {enumerate_words(matters)}"
    return [f"{sentence}."]


def _overfitting(analysis: Analysis) -> str:
    found = analysis.overfitting
    gap, rows = found.gap, found.regularisers
    sentence = (
        f"{found.overfitted} of {found.completed} runs overfit. In the best epoch of the "
        f"median run the validation loss is {abs(gap):.3f} {'above' if gap > 0 else 'below'} the "
        "training loss."
    )
    helpful = [row.name for row in rows if row.helps]
    harmful = [row.name for row in rows if row.helps is False]
    effects = [f"lower validation loss with {enumerate_words(helpful)}"] if helpful else []
    effects += [f"higher with {enumerate_words(harmful)}"] if harmful else []
    open_rows = [row.name for row in rows if analysis.verdict(row.name).found == "unknown"]
    effects += [f"not known of {enumerate_words(open_rows)}"] if open_rows else []
    words = "; ".join(effects) or "no regulariser has a detectable effect"
    return " ".join([sentence, *_sentence(words)])


def _gradients(analysis: Analysis) -> str:
    found, runs = analysis.gradients, analysis.runs
    sentence = f"They stayed bounded in all {runs} runs."
    if found.lowest_rate is not None:
        sentence = (
            f"They exploded in {found.exploded} of {runs} runs, of which {found.diverged} "
            f"diverged, at learning rates from {found.lowest_rate:.3g} up: "
            f"{advice('exploding')}."
        )
    stuck = found.stagnated
    sentence += f" {stuck} run{'s' * (stuck != 1)} learned nothing." if stuck else ""
    moved = ", ".join(f"{name} {found.moved[name]:.1%}" for name in KERNELS if name in found.moved)
    return sentence + (f" In the best runs weights moved by: {moved}." if moved else "")


def _convergence(found: Convergence) -> str:
    if found.lowest is None or not found.rows:
        return "No answer: no setting trained in all its runs."
    first, alike = found.rows[0], found.as_early
    settings = {"learning_rate": first.settings["learning_rate"]} | in_order(first.settings)
    others = f"; {alike - 1} more as early" if alike > 1 else ""
    return (
        f"{name_of(settings)} comes within {NEAR - 1:.0%} of the lowest validation loss "
        f"({found.lowest:.4f}) in epoch {first.epochs} (n = {first.n}){others}. "
        f"Settings that got there: {found.reached}."
    )
