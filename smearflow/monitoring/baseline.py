"""What is usual: the reference cells, the drift limits they set, and the accuracy to expect."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.monitoring.drift import IMAGE_STATISTICS, measures_of
from smearflow.monitoring.limits import DriftLimits, Measure
from smearflow.monitoring.patients import UsualPatients, usual_patients
from smearflow.monitoring.projection import Embeddings, Projection
from smearflow.monitoring.resampling import (
    REFERENCE_CELLS,
    calibrate_all,
    require_patients,
    sample_cells,
)
from smearflow.monitoring.sites import Site, sites_of
from smearflow.records.baseline import Expected, PatientSpread


class Decider(Protocol):
    """What a baseline keeps of the edge model."""

    @property
    def classes(self) -> tuple[str, str]:
        """Negative, positive."""

    @property
    def threshold(self) -> float:
        """The least probability that is called positive."""

    @property
    def sha256(self) -> str:
        """Hash of the model."""


@dataclass(frozen=True)
class Baseline:
    """What later windows are compared with.

    Attributes:
        reference: row per validation cell: cell_id, patient, statistics, probability, label,
            right (whether that is the cell's label), e0...; earlier versions have no `right`.
        projection: of the embeddings.
        limits: of what the model says, by number of patients in the window.
        sites: what images look like, all sites together first.
        statistics: the image statistics compared.
        classes: negative, positive.
        threshold: of the edge model.
        model_sha256: of the edge model.
        expected: performance on the test cells.
    """

    reference: pd.DataFrame
    projection: Projection
    limits: dict[int, DriftLimits]
    sites: tuple[Site, ...]
    statistics: tuple[str, ...]
    classes: tuple[str, str]
    threshold: float
    model_sha256: str
    expected: Expected

    @cached_property
    def of_images(self) -> tuple[Measure, ...]:
        """Those of image statistics, which have the limits of a site."""
        return images_and_model(self.statistics)[0]

    @cached_property
    def of_model(self) -> tuple[Measure, ...]:
        """Those of what the model says: its predictions and its embedding."""
        return images_and_model(self.statistics)[1]

    @cached_property
    def sample(self) -> pd.DataFrame:
        """The cells that the model's answers to a window are compared with, always the same."""
        return sample_cells(self.reference, REFERENCE_CELLS, np.random.default_rng(1))

    @cached_property
    def usual(self) -> UsualPatients | None:
        """Its patients, each by itself; None where too few of them tell what is usual."""
        if "right" not in self.reference:
            return None
        found = usual_patients(self.reference, self.statistics)
        return found if found.enough else None

    def describe(
        self, table: pd.DataFrame, probabilities: Embeddings, embeddings: Embeddings
    ) -> pd.DataFrame:
        """A window's cells in the columns of the reference, apart from cell_id and patient.

        Args:
            table: the image statistics of n cells.
            probabilities: [n], of the positive class.
            embeddings: [n, D].
        """
        decided = _decide(probabilities, self.threshold, self.classes)
        columns = [table[list(self.statistics)], decided, _components(self.projection, embeddings)]
        return pd.concat([part.reset_index(drop=True) for part in columns], axis=1)


def build_baseline(
    cells: pd.DataFrame,
    targets: npt.ArrayLike,
    probabilities: Embeddings,
    embeddings: Embeddings,
    predictions: pd.DataFrame,
    imaged: pd.DataFrame,
    *,
    statistics: Sequence[str],
    model: Decider,
    resamples: int,
    false_alarm_rate: float,
    seed: int,
) -> Baseline:
    """Project the embeddings, calibrate the limits, note the performance to expect.

    Args:
        cells: n validation cells: cell_id, patient and the statistics.
        targets: [n], 1 = positive.
        probabilities: [n], the edge model's, of the positive class.
        embeddings: [n, D], the edge model's.
        predictions: test cells: patient, target, edge_probability.
        imaged: training and validation cells: patient, source and the statistics.
        statistics: names of the image statistics.
        model: the edge model.
        resamples: per number of patients.
        false_alarm_rate: of the whole verdict.
        seed: of the resamples.

    Raises:
        SmearflowError: fewer than three patients.
    """
    require_patients(cells["patient"])
    projection = Projection.fit(embeddings)
    decided = _decide(probabilities, model.threshold, model.classes)
    called = decided["label"] == model.classes[1]
    parts = [
        cells[["cell_id", "patient", *statistics]].reset_index(drop=True),
        decided.assign(right=called == (np.asarray(targets) == 1)),
        _components(projection, embeddings),
    ]
    reference = pd.concat(parts, axis=1)
    images, of_model = images_and_model(statistics)
    families = {measure.group for measure in (*images, *of_model)}
    each = false_alarm_rate / len(families)
    return Baseline(
        reference=reference,
        projection=projection,
        limits=calibrate_all(reference, of_model, resamples, (len(families) - 1) * each, seed),
        sites=sites_of(imaged, images, resamples, each, seed),
        statistics=tuple(statistics),
        classes=model.classes,
        threshold=model.threshold,
        model_sha256=model.sha256,
        expected=expected_performance(predictions, model.threshold),
    )


def images_and_model(
    statistics: Sequence[str],
) -> tuple[tuple[Measure, ...], tuple[Measure, ...]]:
    """The measures of image statistics, and those of what the model says."""
    measures = measures_of(statistics)
    images = tuple(each for each in measures if each.group == IMAGE_STATISTICS)
    return images, tuple(each for each in measures if each not in images)


def expected_performance(predictions: pd.DataFrame, threshold: float) -> Expected:
    """Accuracy and share of cells called positive on the test cells, and their spread by patient.

    Args:
        predictions: patient, target (1 = positive), edge_probability.
        threshold: the least probability called positive.
    """
    called = predictions["edge_probability"] >= threshold
    right = called == (predictions["target"] == 1)
    return Expected(
        cells=len(predictions),
        patients=int(predictions["patient"].nunique()),
        accuracy=_spread(right, predictions["patient"]),
        positive_share=_spread(called, predictions["patient"]),
    )


def _spread(cells: "pd.Series[bool]", patients: pd.Series) -> PatientSpread:
    per_patient = cells.astype(float).groupby(patients).mean()
    return PatientSpread(
        value=float(cells.mean()),
        patient_mean=float(per_patient.mean()),
        patient_standard_deviation=float(per_patient.std(ddof=0)),
        patient_lowest=float(per_patient.min()),
        patient_highest=float(per_patient.max()),
    )


def _decide(probabilities: Embeddings, threshold: float, classes: tuple[str, str]) -> pd.DataFrame:
    called = np.asarray(probabilities) >= threshold
    return pd.DataFrame(
        {
            "probability": np.asarray(probabilities, dtype=np.float64),
            "label": np.where(called, classes[1], classes[0]),
        }
    )


def _components(projection: Projection, embeddings: Embeddings) -> pd.DataFrame:
    values = projection.apply(embeddings)
    return pd.DataFrame(values, columns=[f"e{i}" for i in range(values.shape[1])])
