"""The test: what was asked, and what was reached, with intervals."""

from smearflow.evaluation.metrics import METRICS
from smearflow.records.figures import Figures
from smearflow.records.training import Target
from smearflow.report import targets
from smearflow.report.conclusions.rare import percent, precision_told
from smearflow.report.elements import Section, Table
from smearflow.report.run import PipelineRun
from smearflow.report.text import confidence_interval, display_name, number, with_interval
from smearflow.report.units import Unit


def targets_section(run: PipelineRun) -> Section | None:
    """Targets of both sides, and every figure of the test side."""
    if not run.targets and run.figures is None:
        return None
    sentences = [
        *(_looked(run.figures, run.unit) if run.figures else ()),
        *(_MET if run.targets else ()),
    ]
    tables = [_targets(run)] if run.targets else []
    if run.figures:
        tables.append(_figures(run.figures, run.classes, run.unit))
    return Section("targets", "The test", sentences, tables)


_MET = (
    "Met: the figure reached is no less than the target, wherever its interval ends. On the "
    "validation side the sensitivity is what the decision threshold was set for; the test side "
    "shows whether it holds.",
)


def _looked(figures: Figures, unit: Unit) -> list[str]:
    sentences = [
        f"{figures.cells:,} cells of {unit.count(figures.patients)} that no earlier step saw; "
        f"intervals: {unit.instead(figures.interval)}, how much figures may differ with other "
        f"{unit.many}.",
        "Figures grow optimistic with every look at a test set. Which look this was, the run has "
        "told and make report tells again.",
    ]
    if figures.overridden:
        sentences.append(
            "The model had missed its validation targets: this look at the test set was forced by "
            "evaluate.despite_missed_targets."
        )
    return sentences


def _targets(run: PipelineRun) -> Table:
    columns = ("target", "reached", "wanted", "95 % interval", "result")
    rows = [_row(target, run.figures) for target in run.targets]
    return Table("What was asked, and whether it is met", columns, rows, ("target", "result"))


def _row(target: Target, figures: Figures | None) -> tuple[str, ...]:
    known = None
    if figures is not None:
        known = figures.model if target.side == "test" else figures.validation
    between = confidence_interval(known[target.metric]) if known else number(None)
    names = (targets.name(target), targets.value(target), targets.wanted(target))
    return (*names, between, targets.result(target))


def _figures(figures: Figures, classes: tuple[str, str], unit: Unit) -> Table:
    rows = [
        (display_name(name), with_interval(figures.model[name]), with_interval(figures.edge[name]))
        for name in METRICS
    ]
    rows += [*_calibrated(figures), *_over_patients(figures, unit)]
    there = figures.at_prevalence
    if there and precision_told(figures, classes):
        name = f"precision where {percent(there.prevalence)} are {classes[1]}"
        rows.append((name, with_interval(there.model), with_interval(there.edge)))
    columns = ("metric", "model", "edge model")
    caption = "Test figures, of the network and of the file for devices"
    return Table(caption, columns, rows, columns[:1], aside=False)


def _calibrated(figures: Figures) -> list[tuple[str, str, str]]:
    """After calibration, which was fitted for the model and not for its edge version."""
    return [
        (f"{display_name(name)}, calibrated", with_interval(figure), number(None))
        for name, figure in (figures.calibrated or {}).items()
    ]


def _over_patients(figures: Figures, unit: Unit) -> list[tuple[str, str, str]]:
    """Where each patient counts alike, however many cells there are of it."""
    found = figures.by_patient
    if found is None:
        return []
    model, edge = found.model, found.edge
    return [
        (f"accuracy, {name} {unit.many}", with_interval(of_model), with_interval(of_edge))
        for name, of_model, of_edge in (
            ("mean over", model.accuracy, edge.accuracy),
            ("worst tenth of", model.worst_tenth, edge.worst_tenth),
        )
    ]
