"""From a folder of new images to a verdict: read, describe, score, conclude."""

from collections.abc import Sequence
from pathlib import Path

from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_bytes
from smearflow.monitoring.baseline import Baseline
from smearflow.monitoring.examples import USUAL, read_usual, write_examples
from smearflow.monitoring.stored import load_baseline
from smearflow.records.verdict import Verdict
from smearflow.windows.by_patient import cells_to_look_at
from smearflow.windows.describe import describe_window, write_scores
from smearflow.windows.read import read_window
from smearflow.windows.score import WindowScores, distributions, score_window
from smearflow.windows.verdict import conclude


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
) -> Verdict:
    """Check and score a folder of images and compare its cells with the baseline.

    What can't be a cell, and what shows the same as another file, is scored but not compared.

    Writes verdict.json and, of a window with cells, scores.parquet into `outputs`; of a
    window that could be judged distributions.json and cells.npz too, and Evidently's report into
    `reports`, as drift.html and drift.json.

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

    Raises:
        SmearflowError: the baseline is of another model, or a folder or the suite is missing.
    """
    if not window_folder.is_dir():
        raise SmearflowError(f"{window_folder} is no folder", "name a folder of cell images")
    model, baseline = _load(model_folder, baseline_folder)
    window = read_window(window_folder, model.image_size, bits, patterns, model.cell)
    described = describe_window(window, model, baseline, suite)
    if len(described.scored):
        write_scores(described, baseline, outputs / "scores.parquet")
    comparison = None
    if len(described.cells) >= least_cells:
        comparison = score_window(described.cells, described.patients, baseline)
        _show(comparison, outputs, reports)
    verdict = conclude(described, comparison, baseline, least_cells, stand_in=stand_in)
    verdict.write(outputs)
    if verdict.scores:
        usual = read_usual(baseline_folder)
        groups = {} if usual is None else {USUAL: usual}
        write_examples(outputs, groups | cells_to_look_at(described, verdict.patients))
    return verdict


def _load(model_folder: Path, baseline_folder: Path) -> tuple[EdgeModel, Baseline]:
    model, baseline = EdgeModel(model_folder), load_baseline(baseline_folder)
    if model.sha256 != baseline.model_sha256:
        raise SmearflowError(
            f"the baseline in {baseline_folder} is of another model than {model_folder}",
            "run the baseline stage again, in the folder of that run: dvc repro -sf baseline",
        )
    return model, baseline


def _show(comparison: WindowScores, outputs: Path, reports: Path) -> None:
    """Write what pictures and pages of a window need, where any score could be judged."""
    if not comparison.judged:
        return
    # here: Evidently's take seconds
    from smearflow.windows.page import compare_in_report, write_packed

    distributions(comparison).write(outputs)
    snapshot = compare_in_report(comparison.cells, comparison.usual, comparison.judged)
    write_packed(snapshot, reports / "drift.html")
    write_bytes(reports / "drift.json", snapshot.dumps().encode())  # for Evidently's UI
