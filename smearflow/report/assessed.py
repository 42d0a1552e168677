"""The cells that a run was tested on, and what its models say about them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.assessment.assessment import EDGE, MODEL, Assessment
from smearflow.evaluation.metrics import confusion_matrix
from smearflow.records.figures import Estimate, Estimates, Figures
from smearflow.records.split import Split
from smearflow.report.elements import CellPicture
from smearflow.report.text import short_name
from smearflow.sides.side import Side, load_side


@dataclass(frozen=True)
class Assessed:
    """The test side, and the assessment of its cells in the same order."""

    assessment: Assessment
    side: Side

    @property
    def wrong(self) -> npt.NDArray[np.bool_]:
        """[n], whether the Keras model calls the cell wrong."""
        called = self.assessment.scores[MODEL] >= self.assessment.threshold
        return np.asarray(called != (self.assessment.targets == 1))

    def picture(self, index: int) -> CellPicture:
        """A cell, with whose it is, its label and the Keras model's probability."""
        seen = self.assessment
        patient, label = short_name(seen.patients[index]), seen.classes[seen.targets[index]]
        note = f"{patient}, {label}, {seen.scores[MODEL][index]:.3f}"
        return CellPicture(self.side.pixels[index], f"A cell of {patient} labelled {label}", note)


def read_assessed(root: Path) -> Assessed | None:
    """As the stages split and evaluate left it; None if they did not.

    Args:
        root: folder of the run.
    """
    evaluated, split = Figures.read_if_there(root), Split.read_if_there(root)
    predictions = Figures.path(root).with_name("predictions.parquet")
    if evaluated is None or split is None or not predictions.is_file():
        return None
    cells = pd.read_parquet(predictions)
    scores = {
        MODEL: cells["probability"].to_numpy(np.float32),
        EDGE: cells["edge_probability"].to_numpy(np.float32),
    }
    targets = cells["target"].to_numpy(np.int8)
    threshold, own = evaluated.threshold, evaluated.edge_threshold
    edge_threshold = threshold if own is None else own
    figures = {
        MODEL: evaluated.model | _counts(targets, scores[MODEL], threshold),
        EDGE: evaluated.edge | _counts(targets, scores[EDGE], edge_threshold),
    }
    assessment = Assessment(
        targets,
        cells["patient"].to_numpy(str),
        split.classes,
        threshold,
        edge_threshold,
        scores,
        figures,
    )
    return Assessed(assessment, load_side(Split.path(root).parent, "test"))


def _counts(
    targets: npt.NDArray[np.int8], probabilities: npt.NDArray[np.float32], threshold: float
) -> Estimates:
    """The confusion matrix, without intervals."""
    counts = confusion_matrix(targets, probabilities, threshold)
    return {name: Estimate(value=count, low=None, high=None) for name, count in counts.items()}
