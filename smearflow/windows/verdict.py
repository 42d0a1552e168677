"""What is concluded from a described window and its comparison."""

from collections.abc import Sequence

import pandas as pd

from smearflow.edge.plausible import count_no_cells
from smearflow.ground.files import known
from smearflow.ground.settings import fingerprint
from smearflow.monitoring.baseline import Baseline
from smearflow.monitoring.drift import IMAGE_STATISTICS
from smearflow.monitoring.limits import Score
from smearflow.monitoring.wording import quantity, sentence
from smearflow.records.verdict import (
    DriftScore,
    Judgement,
    NoCell,
    Repeat,
    Undecodable,
    Verdict,
    WindowFacts,
)
from smearflow.windows.describe import Described
from smearflow.windows.read import Window
from smearflow.windows.score import WindowScores

EXAMPLES = 20  # files listed per finding
NOTHING = "the baseline has no limits: its patients have too few cells to make windows of"


def conclude(
    described: Described,
    comparison: WindowScores | None,
    baseline: Baseline,
    least_cells: int,
    *,
    stand_in: bool,
) -> Verdict:
    """The verdict on a window; its rules are those of the record's field `verdict`.

    Args:
        comparison: None of a window with fewer cells to compare than `least_cells`.
        stand_in: whether the test patients' cells stand in for a window.
    """
    window, cells, checks = described.window, described.cells, described.checks
    scores = comparison.scores if comparison else ()
    positive = float((cells["label"] == baseline.classes[1]).mean()) if len(cells) else None
    judged, drifted = (comparison.judged, comparison.drifted) if comparison else ([], [])
    return Verdict(
        verdict=_judgement(described, comparison, least_cells),
        alerts=(*_oddities(window), *_alerts(described, comparison, baseline, least_cells)),
        notes=(*([described.told] if len(window.pixels) else []), *_unjudged(scores)),
        window=_facts(window, described.patients),
        checks=checks.noted(EXAMPLES) if checks else None,
        scores=tuple(map(_noted, scores)),
        share=len(drifted) / max(len(judged), 1),
        predicted_positive_share=positive,
        model_sha256=baseline.model_sha256,
        stand_in=stand_in,
    )


def _judgement(
    described: Described, comparison: WindowScores | None, least_cells: int
) -> Judgement:
    if not len(described.window.table):
        return "no window"
    enough = comparison is not None or len(described.window.pixels) >= least_cells
    if described.failures and enough:
        return "invalid window"
    if comparison is None:
        return "too few cells"
    if comparison.drifted:
        return "drift"
    return "stable" if comparison.judged else "not judged"


def _alerts(
    described: Described, comparison: WindowScores | None, baseline: Baseline, least_cells: int
) -> list[str]:
    """Sentences on the checks, then on the comparison, or on why there is none."""
    failures, judgement = described.failures, _judgement(described, comparison, least_cells)
    if comparison is not None:
        moved = _moved(comparison, described.cells, baseline)
        return [*failures, *moved, *([] if comparison.judged else [NOTHING])]
    few = [_few(described, least_cells)] if judgement == "too few cells" else []
    return [*few, *failures]


def _moved(comparison: WindowScores, cells: pd.DataFrame, baseline: Baseline) -> list[str]:
    """A sentence per drifted score, and one on the images where only what the model says moved."""

    def told(score: Score) -> str:
        return sentence(score, cells, baseline.reference, baseline.classes[1])

    alerts = [told(score) for score in comparison.drifted]
    statistics = [each for each in comparison.judged if each.measure.group == IMAGE_STATISTICS]
    if alerts and statistics and not any(score.drifted for score in statistics):
        nearest = told(max(statistics, key=lambda score: score.share))
        alerts.append(f"no image statistic is beyond its limit; nearest to it: {nearest}")
    return alerts


def _oddities(window: Window) -> list[str]:
    """Sentences on images that are not compared."""
    table = window.decodable
    repeats = int(table["repeat_of"].notna().sum())
    again = f"{repeats:,} of {len(table):,} images show the same as an earlier one"
    reasons = [why if isinstance(why, str) else None for why in table["no_cell"]]
    none = count_no_cells(reasons, "images")
    return [*([none] if none else []), *([again] if repeats else [])]


def _few(described: Described, least_cells: int) -> str:
    cells = len(described.cells)
    what = "can be decoded" if cells == len(described.window.pixels) else "can be compared"
    return f"{cells} cells {what}, at least {least_cells} are needed"


def _unjudged(scores: Sequence[Score]) -> list[str]:
    names = [quantity(score.measure.name) for score in scores if not score.judged]
    told = 0 < len(names) < len(scores)
    return [f"not judged, as too few cells tell: {', '.join(names)}"] if told else []


def _noted(score: Score) -> DriftScore:
    return DriftScore(
        group=score.measure.group,
        name=score.measure.name,
        method=score.measure.method,
        score=known(score.value),
        limit=known(score.limit),
        drifted=score.drifted,
    )


def _facts(window: Window, patients: int) -> WindowFacts:
    table = window.table
    no_cells, repeats, damaged = (
        table[table[column].notna()] for column in ("no_cell", "repeat_of", "error")
    )
    return WindowFacts(
        files=len(table),
        cells=len(window.pixels),
        patients=patients,
        sha256=fingerprint(table[["path", "sha256"]].values.tolist()),
        no_cells=len(no_cells),
        no_cell_files=tuple(
            NoCell(file=file, no_cell=why) for file, why in _first(no_cells, "no_cell")
        ),
        repeats=len(repeats),
        repeat_files=tuple(
            Repeat(file=file, repeat_of=path) for file, path in _first(repeats, "repeat_of")
        ),
        undecodable=len(damaged),
        undecodable_files=tuple(
            Undecodable(file=file, error=why) for file, why in _first(damaged, "error")
        ),
    )


def _first(rows: pd.DataFrame, column: str) -> list[tuple[str, str]]:
    """The paths of the first rows, and what they have in a column."""
    some = rows.head(EXAMPLES)
    return list(zip(some["path"], some[column], strict=True))
