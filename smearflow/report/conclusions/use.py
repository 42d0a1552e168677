"""Can I use it?"""

from smearflow.records.figures import Figures
from smearflow.records.training import Target
from smearflow.report import targets
from smearflow.report.conclusions.answer import Answer
from smearflow.report.conclusions.rare import accuracy_told, precision_told, says_little
from smearflow.report.run import PipelineRun
from smearflow.report.text import number

QUESTION = "Can I use it?"
_NO_DIAGNOSIS = "It judges single cells; that is no diagnosis of a patient."


def can_use(run: PipelineRun) -> Answer:
    """The first that applies: what is missing, what is missed, what is doubtful, or yes."""
    if run.trained is None:
        return Answer(QUESTION, "Not yet", ("No network has been trained to the end.",), "care")
    missed = [target for target in run.targets if not target.met]
    if missed:
        known = _known(run.figures, run) if run.figures else ()
        return Answer(QUESTION, "No: it misses what was asked", (_told(missed), *known), "bad")
    if run.figures is None:
        sentence = (
            f"It meets what was asked of it so far, but no test {run.unit.one} was looked at."
        )
        return Answer(QUESTION, "Not known yet", (sentence,), "care")
    return _tested(run, run.figures)


def _tested(run: PipelineRun, figures: Figures) -> Answer:
    """Of a run that was tested and misses nothing."""
    known = _known(figures, run)
    if run.verdict and not run.verdict.stand_in and run.verdict.verdict == "drift":
        doubt = "The newest images differ from those it was tested on, so its figures may not hold."
        return Answer(QUESTION, "Not on the newest images", (doubt, *known), "care")
    if run.drawn:
        doubt = (
            "These cells were drawn by a program to show the method: on real blood nobody has "
            "tested it."
        )
        return Answer(QUESTION, "Not on real blood yet", (doubt, *known), "care")
    if not figures.targets:
        return Answer(QUESTION, "You decide: no target was set", (*known, _NO_DIAGNOSIS), "care")
    if says_little(figures):
        doubt = "Ask for more than accuracy, as roc_auc or pr_auc in problem.targets."
        short = "You decide: what was asked says little"
        return Answer(QUESTION, short, (*known, doubt, _NO_DIAGNOSIS), "care")
    if close := within_reach(figures):
        doubt = "; ".join(
            f"{targets.name(target)} is {targets.reached(target)}, but on other {run.unit.many} it "
            f"could be {number(figures.model[target.metric].low)}"
            for target in close
        )
        sentences = (*known, f"{doubt[0].upper()}{doubt[1:]}.", _NO_DIAGNOSIS)
        return Answer(QUESTION, "Probably, by a narrow margin", sentences, "care")
    sentences = (*known, "All that was asked is met, with room to spare.", _NO_DIAGNOSIS)
    return Answer(QUESTION, "Yes, for cells like these", sentences, "good")


def within_reach(figures: Figures) -> list[Target]:
    """Targets of the test side that are met, though the figure's interval reaches below them."""
    found = []
    for target in figures.targets:
        low = figures.model[target.metric].low
        if target.met and low is not None and low < target.target:
            found.append(target)
    return found


def _told(missed: list[Target]) -> str:
    """The missed targets, as a sentence."""
    words = "; ".join(f"{targets.name(each)} is {targets.reached(each)}" for each in missed)
    return f"{words[0].upper()}{words[1:]}."


def _known(figures: Figures, run: PipelineRun) -> tuple[str, ...]:
    """What the test tells; where a class is rare, also what that means."""
    rare = (each(figures, run.classes) for each in (precision_told, accuracy_told))
    return (_rates(figures, run), *filter(None, rare))


def _rates(figures: Figures, run: PipelineRun) -> str:
    """Natural frequencies: what becomes of a hundred cells of each class."""
    negative, positive = run.classes
    found, right = (figures.model[name].value for name in ("sensitivity", "specificity"))
    parts = [f"of 100 {positive} cells it finds {_of_100(found)}"] if found is not None else []
    if right is not None:
        parts.append(f"of 100 {negative} ones it calls {_of_100(1 - right)} {positive} by mistake")
    words = ", ".join(parts)
    drawn, unit = "drawn " * run.drawn, run.unit.count(figures.patients)
    seen = f"{figures.cells:,} {drawn}cells of {unit} it had never seen"
    return f"{words[0].upper()}{words[1:]} ({seen})." if words else f"It was tested on {seen}."


def _of_100(share: float) -> str:
    """Whole cells, unless that would make nearly all or nearly none all or none."""
    digits = 0 if share in (0, 1) or 0.005 <= share <= 0.995 else 1
    return f"{100 * share:.{digits}f}"
