"""A section per question: its answer first, the evidence below."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from smearflow.analysis.gradients import KERNELS
from smearflow.records.analysis.analysis import Analysis, Converged, Removal, Removals
from smearflow.records.analysis.surface import Interactions, Regulariser, Verdict
from smearflow.report.elements import Picture, Section, Table
from smearflow.report.exploration.answers import QUESTIONS, answers
from smearflow.report.exploration.evidence import phrase
from smearflow.report.exploration.exploration import Exploration
from smearflow.report.exploration.pictures import pictures_on
from smearflow.report.exploration.space import space_tables
from smearflow.report.exploration.verdicts import told
from smearflow.report.text import between, mean_and_deviation, number, readable, setting, settings
from smearflow.report.wording import PARAMETERS

_PAIRS_SHOWN = 10


def question_sections(found: Exploration, pictures: Path) -> list[Section]:
    """A section for each of QUESTIONS.

    Args:
        pictures: folder of those of the exploration.
    """
    analysis, answered = found.analysis, answers(found.analysis)
    return [
        _importance(analysis, answered["importance"], pictures),
        _interactions(analysis.interactions, answered["interactions"], pictures),
        _bounds(found, answered["bounds"], pictures),
        _removable(analysis.removable, answered["removable"]),
        _overfitting(analysis, answered["overfitting"]),
        _gradients(found, answered["gradients"], pictures),
        _convergence(found, answered["convergence"]),
    ]


def _section(
    name: str,
    answer: str,
    tables: Sequence[Table] = (),
    pictures: Sequence[Picture] = (),
    more: Sequence[str] = (),
) -> Section:
    """A question, its answer, the evidence; a table without rows is none."""
    kept = [table for table in tables if table.rows]
    return Section(name, QUESTIONS[name], [answer, *more], kept, list(pictures))


def _importance(analysis: Analysis, answer: str, folder: Path) -> Section:
    found = analysis.importance
    rows = [
        (
            readable(row.name),
            PARAMETERS[row.name],
            f"{row.share:.0%} ({row.low:.0%}–{row.high:.0%})",
            f"{row.first:.0%}",
            told(analysis.verdict(row.name)),
        )
        for row in found.parameters
    ]
    columns = ("parameter", "what it is", "share (95 % interval)", "comes first", "matters")
    caption = (
        "Share: how much of the differences between the runs' losses (variance of their logarithm) "
        "the parameter accounts for; in brackets what it could be as well. Comes first: how often "
        "no other parameter matters more when runs are drawn again (bootstrap). Matters: near the "
        "good settings of the others; the one conclusion, which all of this page goes by."
    )
    if found.explained is not None:
        caption += f" All parameters together account for {found.explained:.0%}."
    table = Table(caption, columns, rows, ("parameter", "what it is", "matters"))
    return _section("importance", answer, [table], pictures_on(folder, "importance"))


def _interactions(found: Interactions, answer: str, folder: Path) -> Section:
    rows = [
        (
            " and ".join(map(readable, pair.parameters)),
            "< 0.001" if pair.p < 0.001 else f"{pair.p:.3f}",
            "together" if pair.found else "each by itself",
        )
        for pair in found.pairs
    ]
    caption = (
        "p: how often chance alone would give a pattern as strong, if the two had nothing to do "
        "with each other; the smaller, the surer."
    )
    if len(rows) > _PAIRS_SHOWN:
        caption += f" The surest {_PAIRS_SHOWN} of {len(rows)} pairs."
    table = Table(caption, ("pair", "p", "tune"), rows[:_PAIRS_SHOWN], ("pair", "tune"))
    return _section("interactions", answer, [table], pictures_on(folder, "interactions"))


def _bounds(found: Exploration, answer: str, folder: Path) -> Section:
    rows = [
        (
            readable(row.name),
            between(row.searched),
            between(row.good),
            setting(row.best),
            row.moved or "no",
            phrase(row.evidence),
        )
        for row in found.analysis.bounds.parameters
    ]
    columns = ("number", "searched", "good", "best", "bound moves", "evidence")
    caption = (
        "Good: values whose loss cannot be told from the lowest. A bound moves out, up or down, "
        "where the best lies at the edge of what was searched."
    )
    tables = [Table(caption, columns, rows, columns), *space_tables(found.narrowing)]
    return _section("bounds", answer, tables, pictures_on(folder, "axes"))


def _removable(found: Removals, answer: str) -> Section:
    rows = [
        (
            row.name,
            _signed(row.difference),
            number(row.needed),
            number(row.n),
            _verdict(row),
        )
        for row in found.rows
    ]
    columns = ("change", "loss rises by", "detectable from", "n", "removable")
    caption = (
        "Ablations: one thing taken away at a time, compared with runs in which nothing was "
        "changed. Detectable from: a smaller difference could come from repetitions alone. Not "
        "exercised: every curve is the one of the runs in which nothing was changed."
    )
    return _section("removable", answer, [Table(caption, columns, rows, ("change", "removable"))])


def _verdict(row: Removal) -> str:
    """Of an ablation; that no harm was detected is no proof of none."""
    if not row.exercised:
        return "not exercised"
    if row.removable is False:
        return "no"
    words = "no harm detected" if row.removable else "cannot be told"
    return f"{words}; all runs together: it matters" if row.matters else words


def _signed(value: float | None) -> str:
    return number(None) if value is None else f"{value:+.3f}"


def _overfitting(analysis: Analysis, answer: str) -> Section:
    rows = [
        (
            readable(row.name),
            f"{row.effect:+.0%} ({row.low:+.0%} to {row.high:+.0%})",
            _helps(row, analysis.verdict(row.name)),
        )
        for row in analysis.overfitting.regularisers
    ]
    columns = ("regulariser", "change of the loss (95 % interval)", "helps")
    caption = (
        "What a moderate dose does to the validation loss of these runs, compared with none. "
        "Whether it helps is told as the first table of this page tells whether it matters: what "
        "regularises pays late, so that runs shorter than the final training show no harm of it."
    )
    table = Table(caption, columns, rows, ("regulariser", "helps"))
    meaning = (
        "A network overfits when it learns its training cells by heart: it still improves on them "
        "while it gets worse on new ones. Regularisers are what is done against that."
    )
    return _section("overfitting", answer, [table], more=[meaning])


def _helps(row: Regulariser, verdict: Verdict) -> str:
    if row.helps is not None:
        return "yes" if row.helps else "no, it harms"
    return told(verdict) if verdict.found == "unknown" else "no detectable effect"


def _gradients(found: Exploration, answer: str, folder: Path) -> Section:
    seeds = {run.id: run.seed for run in found.runs}
    rows = [
        (
            settings(row.settings),
            number(seeds[row.run]),
            row.label,
            "not finite" if row.gradient_norm is None else f"{row.gradient_norm:.3g}",
            *(_movement(row.weight_change, layer) for layer in KERNELS),
        )
        for row in found.analysis.gradients.rows
    ]
    columns = ("settings", "seed", "curve", "largest gradient", *KERNELS)
    table = Table(
        "The runs with the largest gradients, and the best ones: how far the kernels of a layer, "
        "its weights without the biases, had moved at the end, in shares of their own length.",
        columns,
        rows,
        ("settings", "curve"),
    )
    meaning = (
        "The gradient is the correction that the error asks for; its norm is how large that is. "
        "Gradients that explode tear the weights apart, vanishing ones leave them where they were. "
        "First and last: layers of the backbone; hidden and classifier: those after it."
    )
    pictures = [*pictures_on(folder, "gradients"), *pictures_on(folder, "weights")]
    return _section("gradients", answer, [table], pictures, [meaning])


def _movement(changes: Mapping[str, float | None], layer: str) -> str:
    if layer not in changes:
        return "frozen"
    change = changes[layer]
    return "not finite" if change is None else f"{change:.2%}"


def _convergence(found: Exploration, answer: str) -> Section:
    shown = found.analysis.convergence.rows
    epochs = {run.id: len(run.curve["loss"]) for run in found.runs}
    paces = [
        statistics.fmean(found.seconds[run] / epochs[run] for run in row.runs)
        if found.seconds.keys() >= set(row.runs)
        else None
        for row in shown
    ]
    rows = [
        (
            settings(row.settings),
            number(float(row.epochs), 1),
            number(None if pace is None else pace * row.epochs, 1),
            number(pace, 1),
            mean_and_deviation(row.val_loss, row.std),
            number(row.n),
        )
        for row, pace in zip(shown, paces, strict=True)
    ]
    columns = ("settings", "epochs", "seconds", "seconds an epoch", "lowest loss", "n")
    caption = (
        "Epochs and seconds until the loss was near the lowest of all, fewest epochs first. "
        "Seconds are of the computer that explored, while other runs went on beside."
    )
    table = Table(caption, columns, rows, ("settings",))
    return _section("convergence", answer, [table], more=_fastest(shown, paces))


def _fastest(rows: Sequence[Converged], paces: Sequence[float | None]) -> list[str]:
    """Who was first by the clock, if the clock is known."""
    times = [
        (pace * row.epochs, settings(row.settings))
        for row, pace in zip(rows, paces, strict=True)
        if pace is not None
    ]
    if not times:
        return []
    least, name = min(times)
    return [f"By the clock, the first of those below took {number(least, 1)} seconds: {name}."]
