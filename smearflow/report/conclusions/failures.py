"""On whom does it fail?"""

from collections.abc import Sequence

from smearflow.assessment.mistakes import Appearance, PatientMistakes
from smearflow.records.figures import Confusion
from smearflow.report.conclusions.answer import Answer
from smearflow.report.run import Mistakes, PipelineRun
from smearflow.report.text import enumerate_words, number, short_name
from smearflow.report.units import PATIENTS, Unit

QUESTION = "On whom does it fail?"
_NAMED = 3  # patients, at most
_MORE_LESS = {
    "cell_area": ("fill more of their image", "fill less of their image"),
    "brightness": ("are brighter", "are darker"),
    "contrast": ("show more contrast", "show less contrast"),
    "sharpness": ("are sharper", "are less sharp"),
}


def on_whom(run: PipelineRun) -> Answer:
    """Which patients, and which kind of cell."""
    if run.figures is None or run.mistakes is None:
        return Answer(
            QUESTION, "Not known yet", (f"No test {run.unit.one} was looked at.",), "plain"
        )
    counts = run.figures.confusion
    wrong = counts.fn + counts.fp
    sentences = [_kinds(counts, run)]
    if wrong:
        sentences += [_worst(run.mistakes.patients, run.unit), *_looks(run.mistakes, run.unit)]
    return Answer(QUESTION, _short(run.mistakes, wrong, run), tuple(sentences), "plain")


def _short(mistakes: Mistakes, wrong: int, run: PipelineRun) -> str:
    if not wrong:
        nobody = "nobody" if run.unit == PATIENTS else "none"
        return f"On {nobody} of {run.unit.count(len(mistakes.patients))}"
    if unusual := [each for each in mistakes.patients if each.unusual]:
        return f"On {_names(unusual)} above all"
    cells = run.figures.cells if run.figures else 0
    return f"On {wrong:,} of {cells:,} cells; no {run.unit.one} stands out"


def _kinds(counts: Confusion, run: PipelineRun) -> str:
    """How many cells of each class."""
    negative, positive = run.classes
    return (
        f"It misses {_of(counts.fn, counts.fn + counts.tp)} {positive} cells and calls "
        f"{_of(counts.fp, counts.fp + counts.tn)} {negative} ones {positive}."
    )


def _of(count: int, total: int) -> str:
    share = f" ({count / total:.0%})" if total else ""
    return f"{number(count)} of {number(total)}{share}"


def _worst(patients: Sequence[PatientMistakes], unit: Unit) -> str:
    """Who stands out; else, that nobody does."""
    unusual = [each for each in patients if each.unusual]
    if unusual:
        told = "; ".join(
            f"{short_name(each.patient)}, {each.wrong} of {each.cells} cells wrong"
            for each in unusual[:_NAMED]
        )
        return f"Far more mistakes than on other {unit.many}: {told}."
    first = patients[0]
    alike = [each for each in patients if each.wrong * first.cells == first.wrong * each.cells]
    have = "has" if len(alike) == 1 else "have"
    return (
        f"No {unit.one} stands out: the worst, {_names(alike)}, {have} "
        f"{first.wrong / first.cells:.0%} of cells wrong, no more than chance brings."
    )


def _names(patients: Sequence[PatientMistakes]) -> str:
    """`C7 and C18`; no more than a few are named."""
    names = [short_name(each.patient) for each in patients[:_NAMED]]
    if more := len(patients) - len(names):
        names.append(f"{more} more")
    return enumerate_words(names)


def _looks(mistakes: Mistakes, unit: Unit) -> list[str]:
    """How mistaken cells look; nothing where that was not measured."""
    if not mistakes.looks:
        return []
    unusual = [each for each in mistakes.looks if each.unusual]
    if not unusual:
        return ["In size, light, contrast and focus the mistaken cells are like the others."]
    told = "; ".join(map(_look, unusual))
    return [f"The mistaken cells {told}, compared with others of their {unit.many}."]


def _look(found: Appearance) -> str:
    more, less = _MORE_LESS[found.statistic]
    words = more if found.wrong > found.usual else less
    return f"{words} ({number(found.wrong, 2)}, usually {number(found.usual, 2)})"
