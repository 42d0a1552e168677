from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smearflow.monitoring.examples import USUAL, WINDOW, write_examples
from smearflow.records.verdict import (
    ComparedCells,
    Distribution,
    Distributions,
    DriftScore,
    Verdict,
)
from smearflow.report.pictures.drift import (
    MOST_DISTRIBUTIONS,
    draw_drift,
    plot_histograms,
    plot_scores,
)
from tests.records.examples import VERDICT


def score(name: str, share: float) -> DriftScore:
    changed = {"name": name, "score": share, "limit": 1.0, "drifted": share > 1}
    return VERDICT.scores[0].model_copy(update=changed)


ROWS = [score(f"c{number}", number / 4) for number in range(8)] + [score("embedding", 9.0)]
COLUMN = Distribution(edges=(0.0, 1.0, 2.0), window=(0.25, 0.75), baseline=(0.5, 0.5))
FOUND = Distributions(
    cells=ComparedCells(window=1234, baseline=500),
    columns={row.name: COLUMN for row in ROWS if row.name != "embedding"},
)


def test_scores_stand_as_shares_of_their_limits() -> None:
    axes: Any = plot_scores(ROWS, "drift").axes[0]
    assert [bar.get_width() for bar in axes.patches] == sorted(row.score or 0 for row in ROWS)
    red = [bar.get_facecolor() for bar in axes.patches if bar.get_width() > 1]
    assert len(set(red)) == 1
    assert red[0] not in [bar.get_facecolor() for bar in axes.patches if bar.get_width() <= 1]


def test_the_furthest_distributions_are_drawn_as_shares_of_the_cells() -> None:
    shown: list[Any] = [axes for axes in plot_histograms(ROWS, FOUND).axes if axes.get_title()]
    titles = [axes.get_title() for axes in shown]
    assert titles == ["c7 (drift)", "c6 (drift)", "c5 (drift)", "c4", "c3", "c2"]
    assert len(titles) == MOST_DISTRIBUTIONS
    assert [list(step.get_data().values) for step in shown[0].patches] == [[50, 50], [25, 75]]
    texts = [text.get_text() for text in shown[0].get_legend().texts]
    assert texts == ["baseline (500 cells)", "window (1,234 cells)"]


@pytest.mark.parametrize("rows", [[], ROWS])
def test_a_window_without_scores_has_no_pictures(tmp_path: Path, rows: list[DriftScore]) -> None:
    folder = Verdict.path(tmp_path).parent
    folder.mkdir(parents=True)
    VERDICT.model_copy(update={"scores": tuple(rows)}).write(folder)
    if rows:
        FOUND.write(folder)
        cells = np.zeros((12, 8, 8, 3), np.uint8)
        write_examples(folder, {USUAL: cells, WINDOW: cells[:3]})
    draw_drift(tmp_path, tmp_path / "pictures")
    drawn = {path.name for path in tmp_path.rglob("*.png")}
    assert drawn == ({"drift.png", "distributions.png", "cells.png"} if rows else set())
