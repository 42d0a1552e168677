"""From a folder of new images to a verdict."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from smearflow.checks import SuiteResult, run_suite
from smearflow.edge.plausible import count_no_cells
from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import known, write_json
from smearflow.ground.settings import fingerprint
from smearflow.monitoring.baseline import Baseline, load_baseline
from smearflow.monitoring.drift import STATISTICS, compare
from smearflow.monitoring.limits import WASSERSTEIN, Score, judge, limits_for
from smearflow.monitoring.resampling import WINDOW_CELLS, draw, usual_cells
from smearflow.monitoring.wording import quantity, sentence
from smearflow.windows.read import JUDGED, Window, read_window

EXAMPLES = 20  # files listed per finding
BINS = 30  # of a histogram
ALONE = 1.1  # cells of each patient named, on average, or fewer: such names may number the cells
MANY = 4  # times as many cells of a patient in the baseline: then they do
NOTHING = "the baseline has no limits: its patients have too few cells to make windows of"
ONE = "taken for 1 patient, judged by the widest limits"


def judge_window(
    model_folder: Path,
    baseline_folder: Path,
    window_folder: Path,
    suite: Path,
    least_cells: int,
    outputs: Path,
    reports: Path,
    *,
    bits: int | None = None,
    patterns: Sequence[str | None],
    stand_in: bool = False,
) -> dict[str, Any]:
    """Check and score a folder of images and compare its cells with the baseline.

    What can't be a cell, and what shows the same as another file, is scored but not compared.

    Writes verdict.json and, of a window with cells, scores.parquet into `outputs`; of a
    window that could be judged distributions.json too, and Evidently's drift.html into `reports`.

    Args:
        model_folder: the export stage's results.
        baseline_folder: the baseline stage's results, for that model.
        window_folder: images at any depth.
        suite: expectations on the window's table; if a critical one fails, nothing can be
            concluded from the drift scores.
        least_cells: cells below which there is no verdict.
        bits: as in `read_window`.
        patterns: of the sources of the model's cells, as in `naming.parse_name`.
        stand_in: the window was made of the test patients' cells; noted in the verdict.

    Returns:
        The content of verdict.json. Its `verdict` is, first that applies: `no window` (no
        files), `too few cells` (decodable), `invalid window` (a critical check fails), `too few
        cells` (to compare), `not judged` (the baseline has too few cells for limits), `drift`,
        `stable`. Its `notes` say what it rests on; they are no alerts.

    Raises:
        SmearflowError: the baseline is of another model, or a folder or the suite is missing.
    """
    if not window_folder.is_dir():
        raise SmearflowError(f"{window_folder} is no folder", "name a folder of cell images")
    model, baseline = EdgeModel(model_folder), load_baseline(baseline_folder)
    if model.sha256 != baseline.model_sha256:
        raise SmearflowError(
            f"the baseline in {baseline_folder} is of another model than {model_folder}",
            "run the baseline stage again, in the folder of that run: dvc repro -sf baseline",
        )
    window = read_window(window_folder, model.image_size, bits, patterns, model.cell)
    sound = _sound(window)
    patients, told = patients_of(_decodable(window)[sound], baseline)
    verdict = _describe_window(window, patients)
    verdict |= {"model_sha256": model.sha256, "stand_in": stand_in}
    if len(window.table):
        checks = run_suite(window.table, suite)
        verdict |= {"checks": checks.to_json(EXAMPLES), "alerts": _failures(checks)}
    cells = pd.DataFrame()
    if len(window.pixels):
        verdict["notes"] = [told]
        cells = baseline.describe(_decodable(window), *model.predict(window.pixels))
        _write_scores(window, cells, baseline, outputs)
        cells = cells[sound.to_numpy()].reset_index(drop=True)
    if len(cells):
        verdict["predicted_positive_share"] = float((cells["label"] == baseline.classes[1]).mean())
    if len(cells) >= least_cells:
        scores, compared = score_window(cells, patients, baseline)
        verdict |= conclude(scores, cells, baseline, verdict["alerts"])
        verdict["notes"] += _unjudged(scores)
        _compare_in_full(compared, scores, baseline, outputs, reports)
    elif len(window.pixels) >= least_cells and verdict["alerts"]:
        verdict["verdict"] = "invalid window"
    elif len(window.table):
        few = _few(window, len(cells), least_cells)
        verdict |= {"verdict": "too few cells", "alerts": [few, *verdict["alerts"]]}
    verdict["alerts"] = [*_oddities(window), *verdict["alerts"]]
    write_json(outputs / "verdict.json", verdict)
    return verdict


def score_window(
    cells: pd.DataFrame, patients: int, baseline: Baseline
) -> tuple[list[Score], pd.DataFrame]:
    """Compare described cells (`Baseline.describe`) with the baseline.

    Args:
        patients: in the window; the fewer, the wider the limits.

    Returns:
        The scores beside their limits, and the cells that were compared: at most WINDOW_CELLS.
    """
    compared = draw(cells, WINDOW_CELLS, np.random.default_rng(1))
    values = compare(compared, baseline.sample, baseline.measures)
    limits = limits_for(patients, baseline.limits)
    return judge(baseline.measures, list(values), limits), compared


def conclude(
    scores: Sequence[Score], cells: pd.DataFrame, baseline: Baseline, failures: Sequence[str]
) -> dict[str, Any]:
    """The verdict on a window with enough cells: verdict, alerts, scores and share drifted.

    Args:
        failures: sentences on the critical checks that failed.
    """
    judged = [score for score in scores if score.judged]
    drifted = [score for score in judged if score.drifted]
    alerts = [sentence(score, cells, baseline.reference, baseline.classes[1]) for score in drifted]
    statistics = [score for score in judged if score.measure.group == STATISTICS]
    if drifted and statistics and not any(score.drifted for score in statistics):
        nearest = max(statistics, key=lambda score: score.share)
        words = sentence(nearest, cells, baseline.reference, baseline.classes[1])
        alerts.append(f"no image statistic is beyond its limit; nearest to it: {words}")
    found = "drift" if drifted else "stable" if judged else "not judged"
    return {
        "verdict": "invalid window" if failures else found,
        "alerts": [*failures, *alerts, *([] if judged else [NOTHING])],
        "scores": [
            {
                "group": score.measure.group,
                "name": score.measure.name,
                "method": score.measure.method,
                "score": known(score.value),
                "limit": known(score.limit),
                "drifted": score.drifted,
            }
            for score in scores
        ],
        "share": len(drifted) / max(len(judged), 1),
    }


def patients_of(table: pd.DataFrame, baseline: Baseline) -> tuple[int, str]:
    """How many patients cells are taken for, and a sentence on it.

    Where names tell nearly as many patients as cells, but those of the baseline have many, they
    number the cells: then all cells are taken for those of one patient.

    Args:
        table: `patient` of each cell, null where the name tells none.
    """
    named, usual = table["patient"].dropna(), usual_cells(baseline.reference["patient"])
    told, unnamed = named.nunique(), len(table) - len(named)
    if not told:
        return min(len(table), 1), f"names tell no patient: {ONE}"
    if told > 1 and len(named) <= ALONE * told and usual * told >= MANY * len(named):
        return 1, (
            f"names tell {told} patients of {len(named)} cells, where one of the baseline has "
            f"{usual:.0f}: they tell no patient: {ONE}"
        )
    more = f"; {unnamed} cells whose names tell none count as one" if unnamed else ""
    patients = count_patients(table)
    return patients, f"taken for {patients} {'patient' if patients == 1 else 'patients'}{more}"


def count_patients(table: pd.DataFrame) -> int:
    """Patients that can be told apart; all cells of unknown patients count as one more."""
    return int(table["patient"].nunique()) + int(table["patient"].isna().any())


def _sound(window: Window) -> "pd.Series[bool]":
    """Per decodable image, whether it can be a cell and shows none that was there before."""
    table = _decodable(window)
    return table["no_cell"].isna() & table["repeat_of"].isna()


def _oddities(window: Window) -> list[str]:
    """Sentences on images that are not compared."""
    table = _decodable(window)
    repeats = int(table["repeat_of"].notna().sum())
    again = f"{repeats:,} of {len(table):,} images show the same as an earlier one"
    reasons = [why if isinstance(why, str) else None for why in table["no_cell"]]
    none = count_no_cells(reasons, "images")
    return [*([none] if none else []), *([again] if repeats else [])]


def _few(window: Window, cells: int, least_cells: int) -> str:
    what = "can be decoded" if cells == len(window.pixels) else "can be compared"
    return f"{cells} cells {what}, at least {least_cells} are needed"


def _failures(checks: SuiteResult) -> list[str]:
    return [f"a critical check fails: {failure}" for failure in checks.failures("critical")]


def _unjudged(scores: Sequence[Score]) -> list[str]:
    names = [quantity(score.measure.name) for score in scores if not score.judged]
    told = 0 < len(names) < len(scores)
    return [f"not judged, as too few cells tell: {', '.join(names)}"] if told else []


def _describe_window(window: Window, patients: int) -> dict[str, Any]:
    """The verdict on a window without files; the parts that a judged one keeps."""
    table = window.table
    damaged = table[table["error"].notna()]
    return {
        "verdict": "no window",
        "alerts": [],
        "notes": [],
        "window": {
            "cells": len(window.pixels),
            "files": len(table),
            "no_cells": int(table["no_cell"].notna().sum()),
            "no_cell_files": _files(table, "no_cell"),
            "patients": patients,
            "repeats": int(table["repeat_of"].notna().sum()),
            "repeat_files": _files(table, "repeat_of"),
            "sha256": fingerprint(table[["path", "sha256"]].values.tolist()),
            "undecodable": len(damaged),
            "undecodable_files": _files(table, "error"),
        },
        "scores": [],
        "share": 0.0,
        "checks": None,
        "predicted_positive_share": None,
    }


def _files(table: pd.DataFrame, column: str) -> list[dict[str, str]]:
    """The first files that have something in a column, and what."""
    found = table[table[column].notna()].head(EXAMPLES)
    pairs = zip(found["path"], found[column], strict=True)
    return [{"file": path, column: value} for path, value in pairs]


def _decodable(window: Window) -> pd.DataFrame:
    return window.table[window.table["error"].isna()]


def _write_scores(window: Window, cells: pd.DataFrame, baseline: Baseline, outputs: Path) -> None:
    table = cells[["probability", "label", *baseline.statistics]].copy()
    seen = _decodable(window).reset_index(drop=True)
    table.insert(0, "file", seen["path"])
    table[list(JUDGED)] = seen[list(JUDGED)]
    table.to_parquet(outputs / "scores.parquet", index=False)


def _compare_in_full(
    compared: pd.DataFrame,
    scores: Sequence[Score],
    baseline: Baseline,
    outputs: Path,
    reports: Path,
) -> None:
    """What pictures and pages of a window need, where any score could be judged."""
    judged = [score for score in scores if score.judged]
    if not judged:
        return
    from smearflow.windows.page import compare_in_report  # here: Evidently's take seconds

    write_json(outputs / "distributions.json", distributions(compared, baseline))
    snapshot = compare_in_report(compared, baseline.sample, judged)
    snapshot.save_html(str(reports / "drift.html"))


def distributions(compared: pd.DataFrame, baseline: Baseline) -> dict[str, Any]:
    """Histograms of the numbers that are compared, of a window's cells and the baseline's.

    Args:
        compared: the cells, of `score_window`.

    Returns:
        cells (numbers: window, baseline) and columns: per name edges [b + 1], and the share of the
        cells in each bin [b], of window and baseline.
    """
    columns = {}
    for name in (each.name for each in baseline.measures if each.method == WASSERSTEIN):
        now, usual = compared[name], baseline.sample[name]
        edges = np.histogram_bin_edges(pd.concat([now, usual]), bins=BINS)
        columns[name] = {
            "edges": edges.tolist(),
            "window": (np.histogram(now, edges)[0] / len(now)).tolist(),
            "baseline": (np.histogram(usual, edges)[0] / len(usual)).tolist(),
        }
    cells = {"window": len(compared), "baseline": len(baseline.sample)}
    return {"cells": cells, "columns": columns}
