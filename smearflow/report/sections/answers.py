"""Three answers: when the model stands by one, and when a person must look."""

from smearflow.evaluation.calibration import calibrated
from smearflow.records.figures import Answered, Estimate, Figures
from smearflow.records.operating import AnswerLimits, OperatingPoint
from smearflow.report.conclusions.rare import percent
from smearflow.report.elements import Section, Table
from smearflow.report.run import PipelineRun
from smearflow.report.text import number, with_interval
from smearflow.report.units import Unit


def answers_section(run: PipelineRun) -> Section | None:
    """The limits, whether they hold, and what they are worth on the test side."""
    if run.trained is None:
        return None
    operating, figures = run.trained.operating, run.figures
    sentences = [
        _limits(operating, run.classes),
        _held(operating.answers, run.unit),
        *_sensitivity(figures, run.unit),
    ]
    found = figures.answered if figures else None
    tables = [_table(found, run.classes)] if found else []
    return Section("three-answers", "Three answers", sentences, tables)


def _limits(operating: OperatingPoint, classes: tuple[str, str]) -> str:
    lower, upper = operating.answers.lower, operating.answers.upper
    likely = [number(float(calibrated(each, operating.temperature))) for each in (lower, upper)]
    return (
        f"{classes[1]} from a probability of {number(upper)} on, {classes[0]} below "
        f"{number(lower)}, and between them: look yourself. Calibrated, at a temperature of "
        f"{number(operating.temperature, 2)}, these are {likely[1]} and {likely[0]}."
    )


def _held(answers: AnswerLimits, unit: Unit) -> str:
    wanted = f"at most {percent(answers.most_errors)} of the cells of a class answered wrongly"
    if answers.held:
        return (
            f"They hold {wanted} for {unit.many} to come, on average over them: shown on "
            f"{unit.count(answers.patients)} of either class or more, if others are like these."
        )
    return (
        f"They were set for {wanted}, and hold that on the validation side alone: its "
        f"{unit.count(answers.patients)} with cells of either class are too few to show it for "
        f"others, {answers.needed} of each would be enough."
    )


def _sensitivity(figures: Figures | None, unit: Unit) -> list[str]:
    if figures is None or figures.validation is None:
        return []
    here, there = (
        with_interval(each["sensitivity"]) for each in (figures.validation, figures.model)
    )
    return [
        f"With two answers, by the threshold {number(figures.threshold)}, its sensitivity is "
        f"{here} on the validation {unit.many} it was chosen on, {there} on those of the test."
    ]


def _table(found: Answered, classes: tuple[str, str]) -> Table:
    negative, positive = classes
    rows = [
        ("answered, of all cells", _share(found.coverage)),
        ("wrong, of the answered", _share(found.error)),
        (f"called {negative}, of {positive}", _share(found.missed)),
        (f"called {positive}, of {negative}", _share(found.false)),
    ]
    return Table(
        "What the answers are worth on the test side", ("cells", "share"), rows, ("cells",)
    )


def _share(figure: Estimate) -> str:
    """`89.1% (82.9%–93.6%)`."""
    value, low, high = (
        number(None) if part is None else f"{part:.1%}"
        for part in (figure.value, figure.low, figure.high)
    )
    return f"{value} ({low}–{high})"
