"""What an experiment compared, in words."""

from collections.abc import Sequence

from smearflow.analysis.comparison import ranked
from smearflow.experiments.plan import name_of
from smearflow.records.analysis.comparison import Alternative, Comparison
from smearflow.report.text import in_order


def answer_of(comparison: Comparison) -> str:
    """Which alternative is the best, which are worse for sure, and what is missing."""
    answer = _answer(comparison.rows)
    if comparison.runs < comparison.planned:
        answer += f" Partial: {comparison.runs} of {comparison.planned} runs are there."
    return answer


def _answer(rows: Sequence[Alternative]) -> str:
    order = ranked(rows)
    if not order:
        return "No answer: every setting diverged, or none was run."
    best, *others = order
    sentence = f"Lowest validation loss: {_described(best)}."
    if not others:
        return sentence + " Nothing else trained without diverging." if len(rows) > 1 else sentence
    if others[0].needed is None:
        return (
            f"{sentence} Next: {_described(others[0])}. With one seed each the spread is unknown: "
            "no difference can be told."
        )
    return f"{sentence} {_differences(others)}"


def _differences(others: Sequence[Alternative]) -> str:
    """Which rows are worse for sure, and which may be as good."""
    worse = [row.name for row in others if row.is_worse]
    alike = [
        f"{row.name} ({row.difference:.4f} higher, {row.needed:.4f} needed)"
        for row in others
        if not row.is_worse
    ]
    sentences = []
    if worse:
        sentences.append(f"Detectably worse: {', '.join(worse)}.")
    if alike:
        sentences.append(f"No detectable difference: {', '.join(alike)}.")
    return " ".join(sentences)


def _described(row: Alternative) -> str:
    """A row in words, such as `adam at learning rate 0.003, 0.1560 ± 0.0120 (2 runs)`."""
    mean, std = row.val_loss.mean, row.val_loss.std
    deviation = "" if std is None else f" ± {std:.4f}"
    at = f" at {name_of(in_order(row.nuisance))}" if row.nuisance else ""
    return f"{row.name}{at}, {mean:.4f}{deviation} ({row.n} run{'s' * (row.n > 1)})"
