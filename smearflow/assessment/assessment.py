"""Everything that one look at labelled cells shows, for the model and its edge version."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.assessment.bootstrap import patient_bootstrap
from smearflow.assessment.breakdown import per_patient
from smearflow.records.figures import Estimates

MODEL, EDGE = "Keras model", "edge model"

Scores = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Assessment:
    """Cells, what the models say about them, and how right that is.

    Attributes:
        targets: [n], 1 = positive.
        patients: [n], which patient each cell is of.
        classes: names, negative before positive.
        threshold: a cell is called positive when its probability by MODEL is at least this.
        edge_threshold: likewise by EDGE.
        scores: probabilities [n] of MODEL and of EDGE.
        figures: estimates as of `bootstrap.patient_bootstrap`, of MODEL and of EDGE.
    """

    targets: npt.NDArray[np.int8]
    patients: npt.NDArray[np.str_]
    classes: tuple[str, str]
    threshold: float
    edge_threshold: float
    scores: Scores
    figures: Mapping[str, Estimates]

    @property
    def by_patient(self) -> pd.DataFrame:
        """MODEL's table of `breakdown.per_patient`."""
        return per_patient(self.targets, self.scores[MODEL], self.patients, self.threshold)


def assess(
    targets: npt.NDArray[np.int8],
    patients: npt.NDArray[np.str_],
    classes: tuple[str, str],
    threshold: float,
    edge_threshold: float,
    scores: Scores,
    *,
    samples: int,
    seed: int,
    prevalence: float | None = None,
) -> Assessment:
    """Compute the figures; arguments as in `Assessment` and `bootstrap.patient_bootstrap`."""
    thresholds = {MODEL: threshold, EDGE: edge_threshold}
    figures = {
        name: patient_bootstrap(
            targets, probabilities, patients, thresholds[name], samples, seed, prevalence
        )
        for name, probabilities in scores.items()
    }
    return Assessment(targets, patients, classes, threshold, edge_threshold, scores, figures)
