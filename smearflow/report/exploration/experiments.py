"""A section per experiment: what it asked, of which parameters, and what it compared."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from smearflow.experiments.plan import varied_fields
from smearflow.params.explore import Experiment, Range, Words
from smearflow.records.analysis.comparison import Comparison
from smearflow.records.analysis.surface import Verdict
from smearflow.report.elements import Section, Table
from smearflow.report.exploration.comparisons import answer_of
from smearflow.report.exploration.pictures import pictures_on
from smearflow.report.exploration.verdicts import conclusions
from smearflow.report.text import between, mean_and_deviation, number, readable, setting, settings


def experiment_section(
    folder: Path,
    experiment: Experiment,
    words: Words,
    comparison: Comparison | None,
    verdicts: Sequence[Verdict],
) -> Section:
    """The section of an experiment.

    Args:
        folder: of the pictures.
        words: of the experiment.
        comparison: of `compare_alternatives`; None where it compares no alternatives.
        verdicts: on all parameters.
    """
    tables = [_roles(experiment, words.because)]
    answer = "Its runs are points of a space: they answer the questions above, with all the others."
    if comparison is not None:
        answer = answer_with_conclusions(comparison, experiment, verdicts)
        tables.append(_comparison(comparison))
    pictures = [
        *pictures_on(folder, "isolation", experiment.name),
        *pictures_on(folder, "curves", experiment.name),
    ]
    anchor, title = f"experiment-{experiment.name}", f"Experiment: {experiment.name}"
    return Section(anchor, title, [words.question, answer], tables, pictures)


def answer_with_conclusions(
    comparison: Comparison, experiment: Experiment, verdicts: Sequence[Verdict]
) -> str:
    """What an experiment measured, and what is concluded of what it compares, from all evidence."""
    compared = varied_fields([experiment.model_copy(update={"nuisance": {}})])
    concerned = [each for each in verdicts if each.name in compared]
    return f"{answer_of(comparison)} {conclusions(concerned)}".strip()


def _roles(experiment: Experiment, because: Mapping[str, str]) -> Table:
    """What was compared, what was optimised away, what was held and why."""
    rows = [
        ("scientific", readable(name), _values(values), "what the question is about")
        for name, values in experiment.scientific.items()
    ]
    rows += [
        ("ablation", name, settings(changed), "changed alone")
        for name, changed in experiment.ablations.items()
    ]
    rows += [
        ("nuisance", readable(name), _values(values), "at its best for each, before comparing")
        for name, values in experiment.nuisance.items()
    ]
    rows += [
        ("fixed", readable(name), setting(value), because[name])
        for name, value in experiment.fixed.items()
    ]
    caption = (
        f"Roles. Every setting ran with {len(experiment.seeds)} seed"
        f"{'s' * (len(experiment.seeds) > 1)} on {experiment.train_fraction:.0%} of the training "
        "side; what is not named is as in every run."
    )
    columns = ("role", "parameter", "values", "why")
    return Table(caption, columns, rows, columns)


def _values(values: Range | Sequence[Any]) -> str:
    if isinstance(values, Range):
        scale = ", on a logarithmic scale" if values.sampling == "log" else ""
        return f"{between(values.bounds)}{scale}"
    return ", ".join(map(setting, values))


def _comparison(found: Comparison) -> Table:
    rows = [
        (
            row.name.replace("_", " "),
            settings(row.nuisance),
            number(row.n),
            number(row.diverged),
            mean_and_deviation(row.val_loss.mean, row.val_loss.std),
            mean_and_deviation(row.val_accuracy.mean, row.val_accuracy.std),
        )
        for row in found.rows
    ]
    columns = ("compared", "at its best", "n", "diverged", "validation loss", "accuracy")
    caption = "Mean ± standard deviation over n repetitions; diverged: of all runs of the row."
    return Table(caption, columns, rows, columns[:2])
