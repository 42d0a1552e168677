"""What is concluded from a described window and its comparison."""

import pandas as pd

from smearflow.edge.plausible import no_cell_kinds
from smearflow.ground.files import known
from smearflow.ground.settings import fingerprint
from smearflow.monitoring.baseline import Baseline
from smearflow.monitoring.limits import JENSEN_SHANNON, MMD, Score
from smearflow.monitoring.sites import Site
from smearflow.records.verdict import (
    DriftScore,
    Judgement,
    NoCell,
    NoCellKind,
    Repeat,
    Undecodable,
    Verdict,
    WindowFacts,
)
from smearflow.windows.by_patient import judge_patients
from smearflow.windows.describe import Described
from smearflow.windows.score import WindowScores

EXAMPLES = 20  # files listed per finding


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
    cells, checks = described.cells, described.checks
    judged, drifted = (comparison.judged, comparison.drifted) if comparison else ([], [])
    return Verdict(
        verdict=_judgement(described, comparison, least_cells),
        classes=baseline.classes,
        least_cells=least_cells,
        window=_facts(described),
        checks=checks.noted(EXAMPLES) if checks else None,
        scores=tuple(_noted(each, cells, comparison.site, baseline) for each in comparison.scores)
        if comparison
        else (),
        site=comparison.site.name if comparison else None,
        share=len(drifted) / max(len(judged), 1),
        predicted_positive_share=_positive_share(cells, baseline) if len(cells) else None,
        model_sha256=baseline.model_sha256,
        stand_in=stand_in,
        patients=judge_patients(described, baseline, comparison.site.name) if comparison else None,
    )


def _judgement(
    described: Described, comparison: WindowScores | None, least_cells: int
) -> Judgement:
    if not len(described.window.table):
        return "no window"
    enough = comparison is not None or len(described.window.pixels) >= least_cells
    if not described.valid and enough:
        return "invalid window"
    if comparison is None:
        return "too few cells"
    if comparison.drifted:
        return "drift"
    return "stable" if comparison.judged else "not judged"


def _positive_share(cells: pd.DataFrame, baseline: Baseline) -> float:
    return float((cells["label"] == baseline.classes[1]).mean())


def _noted(score: Score, cells: pd.DataFrame, site: Site, baseline: Baseline) -> DriftScore:
    """A score with what it compares: the means, or the shares called positive."""
    name, method = score.measure.name, score.measure.method
    now: float | None = None
    usual: float | None = None
    deviation: float | None = None
    if method == JENSEN_SHANNON:
        now, usual = (_positive_share(table, baseline) for table in (cells, baseline.reference))
    elif method != MMD:
        own = site.cells if score.measure in baseline.of_images else baseline.reference
        now, usual = (float(table[name].mean()) for table in (cells, own))
        deviation = known(float(own[name].std()))
    return DriftScore(
        group=score.measure.group,
        name=name,
        method=method,
        score=known(score.value),
        limit=known(score.limit),
        drifted=score.drifted,
        window=now,
        baseline=usual,
        deviation=deviation,
    )


def _facts(described: Described) -> WindowFacts:
    window, table = described.window, described.window.table
    no_cells, repeats, damaged = (
        table[table[column].notna()] for column in ("no_cell", "repeat_of", "error")
    )
    return WindowFacts(
        files=len(table),
        cells=len(window.pixels),
        compared=len(described.cells),
        patients=described.patients,
        names=described.names,
        sha256=fingerprint(table[["path", "sha256"]].values.tolist()),
        no_cells=len(no_cells),
        no_cell_kinds=tuple(
            NoCellKind(kind=kind, images=count)
            for kind, count in no_cell_kinds(no_cells["no_cell"])
        ),
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
