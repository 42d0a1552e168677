"""What the exploration answered, in short."""

from pathlib import Path

from smearflow.report.elements import Link, Section, Table
from smearflow.report.exploration.answers import QUESTIONS, answers
from smearflow.report.exploration.experiments import answer_with_conclusions
from smearflow.report.exploration.exploration import Exploration
from smearflow.report.exploration.page import PAGE
from smearflow.report.exploration.space import space_tables
from smearflow.report.pictures.captions import stage_pictures

_SHOWN = ("importance",)


def explore_section(found: Exploration | None, pictures: Path) -> Section | None:
    """What the exploration answered, and the space it left for the search."""
    if found is None:
        return None
    columns = ("question", "answer")
    rows = _answers(found)
    tables = [
        Table("Questions about how to train, and answers", columns, rows, columns, aside=False)
    ]
    tables += space_tables(found.narrowing)
    sentence = (
        f"{found.analysis.runs} short training runs, {found.analysis.diverged} of which "
        "diverged: training blew up. Loss says how wrong the network is on cells it does not "
        "learn from."
    )
    shown = [each for each in stage_pictures(pictures, "explore") if each.path.stem in _SHOWN]
    every = Link("The evidence, and every run:", "the exploration", PAGE)
    return Section("explore", "What exploration found", [sentence], tables, shown, [every])


def _answers(found: Exploration) -> list[tuple[str, str]]:
    """Every question and its answer; ablations are told by `removable`."""
    told = answers(found.analysis)
    asked = {each.name: each for each in found.asked.experiments}
    verdicts = found.analysis.verdicts
    removing = {row.experiment for row in found.analysis.removable.rows}
    return [(question, told[name]) for name, question in QUESTIONS.items()] + [
        (
            found.asked.words[each.name].question,
            answer_with_conclusions(each, asked[each.name], verdicts),
        )
        for each in found.analysis.comparisons
        if each.name not in removing
    ]
