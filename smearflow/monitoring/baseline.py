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

from smearflow.errors import SmearflowError
from smearflow.files import write_json
from smearflow.monitoring.drift import compare, measures_of
from smearflow.monitoring.limits import Limits, Measure, calibrate

COMPONENTS = 32  # of the embedding
LEAST_VARIANCE = 1e-6  # of a component, as a share of the first one's; below is rounding
PATIENT_COUNTS = (1, 2, 4)  # of the resampled windows; larger ones vary hardly less
REFERENCE_CELLS = 700  # drawn from the reference for a comparison
WINDOW_CELLS = 500  # drawn from a window: its patients, not its cells, limit what can be seen
RESAMPLED_CELLS = 100  # in a resampled window: few, so that small windows raise no more alarms
LEAST_PATIENTS = 3

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
        variances, vectors = np.linalg.eigh(np.cov(embeddings.astype(np.float64), rowvar=False))
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


def calibrate_all(
    reference: pd.DataFrame,
    measures: Sequence[Measure],
    resamples: int,
    false_alarm_rate: float,
    seed: int,
) -> dict[int, Limits]:
    """Limits by number of patients in a window, from resamples of the reference's own.

    Args:
        reference: patient, and the columns that the measures are of.
        resamples: per number of patients.
        false_alarm_rate: of all measures together.
        seed: of the resamples.

    Raises:
        SmearflowError: fewer than three patients.
    """
    limits = {}
    for patients in _patient_counts(reference["patient"].nunique()):
        scores, members = resample(reference, measures, patients, resamples, seed)
        limits[patients] = calibrate(measures, scores, members, false_alarm_rate)
    return limits


def resample(
    reference: pd.DataFrame,
    measures: Sequence[Measure],
    patients: int,
    resamples: int,
    seed: int,
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Compare groups of patients with the remaining ones.

    Returns:
        Scores [R, S] of the groups, and which of the P patients were in each, [R, P].
    """
    rng = np.random.default_rng([seed, patients])
    numbers, names = pd.factorize(reference["patient"], sort=True)
    scores = np.empty((resamples, len(measures)))
    members = np.zeros((resamples, len(names)), dtype=bool)
    for i in range(resamples):
        members[i, rng.permutation(len(names))[:patients]] = True
        inside = members[i][numbers]
        window = draw(reference[inside], RESAMPLED_CELLS, rng)
        scores[i] = compare(window, draw(reference[~inside], REFERENCE_CELLS, rng), measures)
        if (i + 1) % 50 == 0 or i + 1 == resamples:
            print(f"windows of {patients} patients: {i + 1} of {resamples} compared", flush=True)
    return scores, members


def draw(table: pd.DataFrame, cells: int, rng: np.random.Generator) -> pd.DataFrame:
    """This many rows at random, in their order, or all where there are no more."""
    if len(table) <= cells:
        return table
    return table.iloc[np.sort(rng.choice(len(table), cells, replace=False))]


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
            "limits": [dataclasses.asdict(limits) for limits in baseline.limits.values()],
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
        limits={limits["patients"]: Limits(**limits) for limits in notes["limits"]},
        statistics=tuple(notes["statistics"]),
        classes=(negative, positive),
        threshold=notes["threshold"],
        model_sha256=notes["model_sha256"],
        expected=notes["expected"],
    )


def _patient_counts(patients: int) -> list[int]:
    """Sizes of the resampled windows: a third of the patients at most, so that many have no
    patient in common (of twelve patients, one pair of windows of four in seven)."""
    if patients < LEAST_PATIENTS:
        raise SmearflowError(
            f"the validation cells are of {patients} patients; limits need {LEAST_PATIENTS}",
            "add patients, or raise split.validation, which changes the test patients too",
        )
    return [number for number in PATIENT_COUNTS if number <= max(1, patients // 3)]


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
