"""The pictures that were drawn of a run, with their captions."""

from pathlib import Path

from smearflow.report.elements import Picture

CAPTIONS = {
    "explore/importance.png": "What moves the validation loss, with 95 % intervals.",
    "explore/axes.png": "Every run against each number varied; good values green.",
    "tune/trials.png": "Validation loss of each trial of the Bayesian search.",
    "train/curve.png": "The final training: loss and accuracy over epochs.",
    "evaluate/roc_pr.png": "Receiver operating characteristic and precision-recall curves.",
    "evaluate/confusion.png": "Confusion matrix at the decision threshold.",
    "evaluate/calibration.png": "Calibration: predicted probability against observed share.",
    "evaluate/per_patient.png": "Accuracy per test patient.",
    "evaluate/errors.png": "The most confident errors; some are wrong labels.",
    "monitor/drift.png": "Drift scores against their limits.",
    "monitor/distributions.png": "The quantities that moved most: window against baseline.",
}


def pictures_of(pictures: Path, stage: str) -> list[Picture]:
    """All PNG files of a stage, in name order.

    Args:
        pictures: of `smearflow.report.pictures.every.draw`.
    """
    return [
        Picture(path, CAPTIONS.get(f"{stage}/{path.name}", path.stem.replace("_", " ")))
        for path in sorted((pictures / stage).glob("*.png"))
    ]
