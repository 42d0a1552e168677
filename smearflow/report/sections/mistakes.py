"""The mistakes on test patients, as pictures."""

import numpy as np

from smearflow.assessment.assessment import MODEL
from smearflow.assessment.breakdown import Errors, most_confident_errors
from smearflow.report.assessed import Assessed
from smearflow.report.conclusions.failures import on_whom
from smearflow.report.elements import CellPicture, Gallery, Section, Table
from smearflow.report.run import PipelineRun
from smearflow.report.text import short_name

_SHOWN = 12  # of each kind


def mistakes_section(run: PipelineRun) -> Section | None:
    """The surest mistakes of each kind, and on whom they are made."""
    assessed = run.assessed
    if assessed is None:
        return None
    seen = assessed.assessment
    false, missed = most_confident_errors(seen.targets, seen.scores[MODEL], seen.threshold, _SHOWN)
    galleries = [
        _gallery(assessed, kind, target) for kind, target in ((missed, 1), (false, 0)) if kind.total
    ]
    sentences = list(on_whom(run).sentences)
    if galleries:
        sentences.append(
            f"Below are those it was surest of, with the {run.unit.one} and the probability of "
            f"{seen.classes[1]}; some will be wrong labels."
        )
    tables = [_files(assessed)] if galleries else []
    return Section("mistakes", "Mistakes", sentences, tables, galleries=galleries)


def _gallery(assessed: Assessed, found: Errors, target: int) -> Gallery:
    label, called = assessed.assessment.classes[target], assessed.assessment.classes[1 - target]
    cells = [_cell(assessed, int(index), label, called) for index in found.indices]
    shown = f"{len(cells)} of {found.total}" if len(cells) < found.total else f"all {found.total}"
    return Gallery(label, f"Labelled {label}, called {called}: {shown}", cells)


def _cell(assessed: Assessed, index: int, label: str, called: str) -> CellPicture:
    patient = short_name(assessed.assessment.patients[index])
    probability = float(assessed.assessment.scores[MODEL][index])
    shows = f"A cell of {patient} labelled {label} and called {called}"
    return CellPicture(assessed.side.pixels[index], shows, f"{patient}, {probability:.3f}")


def _files(assessed: Assessed) -> Table:
    """Every mistake, so that its label can be looked at and corrected."""
    classes, scores = assessed.assessment.classes, assessed.assessment.scores[MODEL]
    table = assessed.side.table
    rows = [
        (
            table["cell_id"].iloc[index],
            classes[assessed.assessment.targets[index]],
            f"{scores[index]:.3f}",
        )
        for index in np.flatnonzero(assessed.wrong)
    ]
    columns = ("cell", "label", f"probability of {classes[1]}")
    return Table(f"All {len(rows)} mistakes by file", columns, rows, columns[:2], aside=True)
