"""The pictures that were drawn of a run, with their captions."""

from pathlib import Path

from smearflow.report.elements import Picture

CAPTIONS = {
    "explore/importance.png": "What moves the validation loss, with 95 % intervals.",
    "explore/axes.png": "Every run against each number varied; good values green.",
    "tune/trials.png": "Validation loss of each trial of the search.",
    "train/curve.png": "The final training, epoch by epoch.",
    "evaluate/per_patient.png": "Each test patient: all cells, and the cells of each class.",
    "evaluate/parasitaemia.png": "Share of infected cells of each patient, labelled and found.",
    "evaluate/confusion.png": "What became of the cells of each class.",
    "evaluate/calibration.png": "Probability, as given and calibrated, against the share positive.",
    "evaluate/roc_pr.png": "What every other decision threshold would bring.",
    "monitor/drift.png": "Drift scores against their limits.",
    "monitor/cells.png": "Usual cells, those of the window, and those of patients to look at.",
    "monitor/distributions.png": "The quantities that moved most: window against baseline.",
}


def stage_pictures(pictures: Path, stage: str) -> list[Picture]:
    """All PNG files of a stage, in the order of CAPTIONS, others behind them by name.

    Args:
        pictures: of `smearflow.report.pictures.every.draw_pictures`.
    """
    order = list(CAPTIONS)
    found = {f"{stage}/{path.name}": path for path in sorted((pictures / stage).glob("*.png"))}
    names = sorted(found, key=lambda name: order.index(name) if name in order else len(order))
    return [
        Picture(found[name], CAPTIONS.get(name, found[name].stem.replace("_", " ")))
        for name in names
    ]
