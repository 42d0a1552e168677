"""What is usual: the reference cells, the drift limits they set, and the accuracy to expect."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import known, write_json
from smearflow.monitoring.drift import measures_of
from smearflow.monitoring.limits import Limits, Measure
from smearflow.monitoring.resampling import (
    REFERENCE_CELLS,
    calibrate_all,
    draw,
    require_patients,
)

COMPONENTS = 32  # of the embedding
LEAST_VARIANCE = 1e-6  # of a component, as a share of the first one's; below is rounding

Floats = npt.NDArray[np.float64]
Embeddings = npt.NDArray[np.floating[Any]]


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
class Projection:
    """Principal components of the reference cells' embeddings, each of unit variance there.

    Unit variance, because another laboratory's cells are told from other patients' by what hardly
    varies in the reference: without it they stayed within half of the limit, with it and 32
    components they were at 2.6 times the limit or more.

    Attributes:
        mean: [D].
        components: [k, D], orthogonal rows, by falling variance before scaling.
    """

    mean: Floats
    components: Floats

    @classmethod
    def fit(cls, embeddings: Embeddings) -> Self:
        """Components of embeddings [n, D]; the largest weight of each is positive."""
        mean = embeddings.mean(axis=0, dtype=np.float64)
        covariance = np.atleast_2d(np.cov(embeddings.astype(np.float64), rowvar=False))
        variances, vectors = np.linalg.eigh(covariance)
        kept = np.flatnonzero(variances > LEAST_VARIANCE * variances.max())[::-1][:COMPONENTS]
        components = vectors.T[kept]
        largest = np.abs(components).argmax(axis=1)
        scale = np.sign(components[np.arange(len(kept)), largest]) / np.sqrt(variances[kept])
        return cls(mean, components * scale[:, np.newaxis])

    def apply(self, embeddings: Embeddings) -> Floats:
        """Embeddings [n, D] in the components, [n, k]."""
        return np.asarray((embeddings - self.mean) @ self.components.T)


@dataclass(frozen=True)
class Baseline:
    """What later windows are compared with.

    Attributes:
        reference: row per validation cell: cell_id, patient, statistics, probability, label, e0...
        projection: of the embeddings.
        limits: by number of patients in the window.
        statistics: the image statistics compared.
        classes: negative, positive.
        threshold: of the edge model.
        model_sha256: of the edge model.
        expected: performance on the test cells.
    """

    reference: pd.DataFrame
    projection: Projection
    limits: dict[int, Limits]
    statistics: tuple[str, ...]
    classes: tuple[str, str]
    threshold: float
    model_sha256: str
    expected: dict[str, Any]

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """The scores of a window."""
        return measures_of(self.statistics)

    @cached_property
    def sample(self) -> pd.DataFrame:
        """The cells of the reference that windows are compared with, always the same."""
        return draw(self.reference, REFERENCE_CELLS, np.random.default_rng(1))

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
    probabilities: Embeddings,
    embeddings: Embeddings,
    predictions: pd.DataFrame,
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
        probabilities: [n], the edge model's, of the positive class.
        embeddings: [n, D], the edge model's.
        predictions: test cells: patient, target, edge_probability.
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
    parts = [
        cells[["cell_id", "patient", *statistics]].reset_index(drop=True),
        _decide(probabilities, model.threshold, model.classes),
        _components(projection, embeddings),
    ]
    reference = pd.concat(parts, axis=1)
    measures = measures_of(statistics)
    return Baseline(
        reference=reference,
        projection=projection,
        limits=calibrate_all(reference, measures, resamples, false_alarm_rate, seed),
        statistics=tuple(statistics),
        classes=model.classes,
        threshold=model.threshold,
        model_sha256=model.sha256,
        expected=expected_performance(predictions, model.threshold),
    )


def expected_performance(predictions: pd.DataFrame, threshold: float) -> dict[str, Any]:
    """Accuracy and share of cells called positive on the test cells, and their spread by patient.

    Args:
        predictions: patient, target (1 = positive), edge_probability.
        threshold: the least probability called positive.
    """
    called = predictions["edge_probability"] >= threshold
    right = called == (predictions["target"] == 1)
    figures: dict[str, Any] = {
        "cells": len(predictions),
        "patients": int(predictions["patient"].nunique()),
    }
    for name, cells in (("accuracy", right), ("positive_share", called)):
        per_patient = cells.astype(float).groupby(predictions["patient"]).mean()
        figures[name] = {
            "value": float(cells.mean()),
            "patient_mean": float(per_patient.mean()),
            "patient_standard_deviation": float(per_patient.std(ddof=0)),
            "patient_lowest": float(per_patient.min()),
            "patient_highest": float(per_patient.max()),
        }
    return figures


def save_baseline(baseline: Baseline, folder: Path) -> None:
    """Write reference.parquet, projection.npz and baseline.json; equal baselines, equal bytes."""
    baseline.reference.to_parquet(folder / "reference.parquet", index=False)
    np.savez(
        folder / "projection.npz",
        mean=baseline.projection.mean,
        components=baseline.projection.components,
    )
    write_json(
        folder / "baseline.json",
        {
            "cells": len(baseline.reference),
            "patients": int(baseline.reference["patient"].nunique()),
            "statistics": baseline.statistics,
            "classes": baseline.classes,
            "threshold": baseline.threshold,
            "model_sha256": baseline.model_sha256,
            "limits": [_to_json(limits) for limits in baseline.limits.values()],
            "expected": baseline.expected,
        },
    )


def load_baseline(folder: Path) -> Baseline:
    """Read what `save_baseline` wrote.

    Raises:
        SmearflowError: there is no baseline in the folder.
    """
    if not (folder / "baseline.json").is_file():
        raise SmearflowError(
            f"{folder} holds no baseline", "finish that run: dvc repro in its folder"
        )
    notes = json.loads((folder / "baseline.json").read_text())
    with np.load(folder / "projection.npz") as arrays:
        projection = Projection(arrays["mean"], arrays["components"])
    negative, positive = notes["classes"]
    return Baseline(
        reference=pd.read_parquet(folder / "reference.parquet"),
        projection=projection,
        limits={limits["patients"]: _from_json(limits) for limits in notes["limits"]},
        statistics=tuple(notes["statistics"]),
        classes=(negative, positive),
        threshold=notes["threshold"],
        model_sha256=notes["model_sha256"],
        expected=notes["expected"],
    )


def _to_json(limits: Limits) -> dict[str, Any]:
    values = {name: known(value) for name, value in limits.values.items()}
    return dataclasses.asdict(limits) | {"values": values}


def _from_json(notes: dict[str, Any]) -> Limits:
    values = {name: np.nan if value is None else value for name, value in notes["values"].items()}
    return Limits(**notes | {"values": values})


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
