"""Pictures of an assessment, for people who were not there."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from smearflow.assessment.assessment import EDGE, MODEL, Assessment
from smearflow.assessment.bootstrap import INTERVAL
from smearflow.evaluation.calibration import BINS, calibrated, reliability
from smearflow.records.figures import Estimate
from smearflow.report.text import number
from smearflow.report.units import PATIENTS, Unit

Line = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]

# The two models all but coincide, as they should: a thin line over a broad one shows both.
LINES: dict[str, dict[str, str | float]] = {
    MODEL: {"color": "tab:blue", "linewidth": 5, "markersize": 13, "alpha": 0.4},
    EDGE: {"color": "tab:orange", "linewidth": 1.5, "markersize": 6, "linestyle": "--"},
}
_CALIBRATED = {"color": "tab:green", "linewidth": 1.5, "markersize": 6}


@dataclass(frozen=True)
class Calibration:
    """What calibrates the probabilities of MODEL, and the error that it leaves."""

    temperature: float
    error: Estimate


def draw_evaluation(
    folder: Path,
    assessment: Assessment,
    unit: Unit = PATIENTS,
    calibration: Calibration | None = None,
) -> None:
    """Write roc_pr.png, confusion.png, calibration.png and per_patient.png.

    Args:
        unit: what the split keeps on one side; per_patient.png has a row for each.
        calibration: None where there is none to be shown.
    """
    pictures = {
        "roc_pr": plot_roc_pr(assessment, unit),
        "confusion": plot_confusion(assessment),
        "calibration": plot_calibration(assessment, unit, calibration),
        "per_patient": plot_per_patient(assessment, unit),
    }
    for name, figure in pictures.items():
        figure.savefig(folder / f"{name}.png", dpi=110)


def plot_roc_pr(assessment: Assessment, unit: Unit = PATIENTS) -> Figure:
    """ROC and precision-recall curves, with the operating point of each model."""
    negative, positive = assessment.classes
    figure = Figure(figsize=(12, 5.6), layout="constrained")
    figure.suptitle(f"Telling {positive} from {negative} cells at every threshold")
    roc, pr = figure.subplots(1, 2)
    for name, probabilities in assessment.scores.items():
        found = assessment.figures[name]
        roc_line, pr_line = _curves(assessment.targets, probabilities)
        sensitivity, specificity = (_number(found[m]) for m in ("sensitivity", "specificity"))
        for panel, curve, area, point in (
            (roc, roc_line, "roc_auc", (1 - specificity, sensitivity)),
            (pr, pr_line, "pr_auc", (sensitivity, _number(found["precision"]))),
        ):
            panel.plot(*curve, **LINES[name], label=f"{name}: area {found[area]}")
            panel.plot(*point, "o", **LINES[name])
    roc.plot([0, 1], [0, 1], ":", color="grey", label="chance")
    prevalence = float(assessment.targets.mean())
    pr.axhline(prevalence, ls=":", color="grey", label=f"chance ({number(prevalence, 2)})")
    between = unit.instead(INTERVAL)
    roc.set(xlabel="false positive rate (1 - specificity)", ylabel="sensitivity", title="ROC")
    pr.set(xlabel="recall (sensitivity)", ylabel="precision", title="Precision-recall")
    for panel in (roc, pr):
        panel.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        panel.grid(alpha=0.3)
        panel.legend(loc="lower right", title=f"dots: threshold in use; brackets: {between}")
    return figure


def plot_confusion(assessment: Assessment) -> Figure:
    """Confusion matrices: numbers of cells, and shares of each true class."""
    classes = assessment.classes
    figure = Figure(figsize=(5.6 * len(assessment.figures), 5), layout="constrained")
    figure.suptitle(
        f"From which probability on a cell is called {classes[1]}, and what comes of it"
    )
    thresholds = {MODEL: assessment.threshold, EDGE: assessment.edge_threshold}
    panels = figure.subplots(1, len(assessment.figures), squeeze=False)[0]
    for panel, (name, found) in zip(panels, assessment.figures.items(), strict=True):
        counts = np.array([_number(found[cell]) for cell in ("tn", "fp", "fn", "tp")]).reshape(2, 2)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        panel.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (row, column), share in np.ndenumerate(shares):
            text = f"{counts[row, column]:,.0f} cells\n{share:.1%} of true {classes[row]}"
            colour = "white" if share > 0.5 else "black"
            panel.text(column, row, text, ha="center", va="center", color=colour)
        title = f"{name}: from {thresholds[name]:.3f} on"
        panel.set(xlabel="called", ylabel="true", title=title)
        panel.set_xticks([0, 1], classes)
        panel.set_yticks([0, 1], classes, rotation=90, va="center")
    return figure


def plot_calibration(
    assessment: Assessment, unit: Unit = PATIENTS, calibration: Calibration | None = None
) -> Figure:
    """Reliability diagram, also after calibration, above the distribution of probabilities."""
    positive = assessment.classes[1]
    figure = Figure(figsize=(9, 7), layout="constrained")
    figure.suptitle("Do the probabilities come true?")
    diagram, histogram = figure.subplots(2, 1, height_ratios=[3, 1], sharex=True)
    diagram.plot([0, 1], [0, 1], ":", color="grey", label="perfect")
    for name, probabilities in assessment.scores.items():
        table = reliability(assessment.targets, probabilities)
        error = assessment.figures[name]["calibration_error"]
        label = f"{name}: calibration error {error}"
        diagram.plot(
            table["probability"], table["positive"], marker="o", **LINES[name], label=label
        )
        counts, edges = np.histogram(probabilities, bins=BINS, range=(0, 1))
        histogram.stairs(
            counts,
            edges,
            **{key: value for key, value in LINES[name].items() if key != "markersize"},
        )
    if calibration is not None:
        warm = calibrated(assessment.scores[MODEL], calibration.temperature)
        table = reliability(assessment.targets, warm)
        label = f"{MODEL}, calibrated: calibration error {calibration.error}"
        diagram.plot(
            table["probability"], table["positive"], marker="s", **_CALIBRATED, label=label
        )
    between = unit.instead(INTERVAL)
    diagram.set(ylabel=f"share that is {positive}", ylim=(-0.02, 1.02))
    diagram.legend(title=f"dots: means of {BINS} bins; brackets: {between}")
    histogram.set(xlabel=f"probability of {positive}", ylabel="cells (log scale)", yscale="log")
    for panel in (diagram, histogram):
        panel.grid(alpha=0.3)
    return figure


def plot_per_patient(assessment: Assessment, unit: Unit = PATIENTS) -> Figure:
    """Accuracy, sensitivity and specificity of each patient (or `unit`), the best on top."""
    table = assessment.by_patient.sort_values(["accuracy", "patient"], ignore_index=True)
    accuracy = _number(assessment.figures[MODEL]["accuracy"])
    rows = np.arange(len(table))
    figure = Figure(figsize=(10, 1.8 + 0.24 * len(table)), layout="constrained")
    figure.suptitle(f"{unit.count(len(table))}, {MODEL}")
    overall, by_class = figure.subplots(1, 2, sharey=True, sharex=True)
    overall.plot(table["accuracy"], rows, "o", color="tab:blue")
    overall.axvline(accuracy, ls="--", color="black", label=f"all cells together: {accuracy:.3f}")
    by_class.plot(table["sensitivity"], rows, "^", color="tab:red", label="sensitivity")
    by_class.plot(table["specificity"], rows, "v", color="tab:green", label="specificity")
    labels = [f"{row.patient} ({row.positives} of {row.cells})" for row in table.itertuples()]
    overall.set_yticks(rows, labels, fontsize="small")
    overall.set(xlabel="accuracy", ylabel=f"{unit.one} (positive cells of all)")
    by_class.set(xlabel="share of the class called right")
    for panel in (overall, by_class):
        panel.grid(alpha=0.3)
        panel.legend(fontsize="small", loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return figure


def _curves(
    targets: npt.NDArray[np.int8], probabilities: npt.NDArray[np.float32]
) -> tuple[Line, Line]:
    """Points of the ROC and the precision-recall curve; none where all cells are of one class."""
    if len(np.unique(targets)) < 2:
        return (np.empty(0), np.empty(0)), (np.empty(0), np.empty(0))
    false_rate, hit_rate, _ = roc_curve(targets, probabilities)
    precision, recall, _ = precision_recall_curve(targets, probabilities)
    return (false_rate, hit_rate), (recall, precision)


def _number(estimate: Estimate) -> float:
    """For drawing: an undefined figure is a gap."""
    return np.nan if estimate.value is None else estimate.value
