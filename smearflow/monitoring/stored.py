"""A baseline as files."""

from pathlib import Path

import numpy as np
import pandas as pd

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import known
from smearflow.monitoring.baseline import Baseline
from smearflow.monitoring.limits import DriftLimits
from smearflow.monitoring.projection import Projection
from smearflow.records.baseline import BaselineNotes, NotedLimits

REFERENCE, PROJECTION = "reference.parquet", "projection.npz"


def save_baseline(baseline: Baseline, folder: Path) -> None:
    """Write reference.parquet, projection.npz and baseline.json; equal baselines, equal bytes."""
    projection = baseline.projection
    baseline.reference.to_parquet(folder / REFERENCE, index=False)
    np.savez(folder / PROJECTION, mean=projection.mean, components=projection.components)
    BaselineNotes(
        cells=len(baseline.reference),
        patients=int(baseline.reference["patient"].nunique()),
        statistics=baseline.statistics,
        classes=baseline.classes,
        threshold=baseline.threshold,
        model_sha256=baseline.model_sha256,
        limits=tuple(map(_noted, baseline.limits.values())),
        expected=baseline.expected,
    ).write(folder)


def load_baseline(folder: Path) -> Baseline:
    """Read what `save_baseline` wrote, of this version or an earlier one.

    Raises:
        SmearflowError: there is no baseline in the folder.
    """
    if not (folder / BaselineNotes.NAME).is_file():
        raise SmearflowError(
            f"{folder} holds no baseline", "finish that run: dvc repro in its folder"
        )
    notes = BaselineNotes.read_from(folder)
    with np.load(folder / PROJECTION) as arrays:
        projection = Projection(arrays["mean"], arrays["components"])
    return Baseline(
        reference=pd.read_parquet(folder / REFERENCE),
        projection=projection,
        limits={limits.patients: _limits(limits) for limits in notes.limits},
        statistics=notes.statistics,
        classes=notes.classes,
        threshold=notes.threshold,
        model_sha256=notes.model_sha256,
        expected=notes.expected,
    )


def _noted(limits: DriftLimits) -> NotedLimits:
    return NotedLimits(
        values={name: known(value) for name, value in limits.values.items()},
        patients=limits.patients,
        resamples=limits.resamples,
        false_alarm_rate=limits.false_alarm_rate,
    )


def _limits(noted: NotedLimits) -> DriftLimits:
    return DriftLimits(
        values={name: np.nan if each is None else each for name, each in noted.values.items()},
        patients=noted.patients,
        resamples=noted.resamples,
        false_alarm_rate=noted.false_alarm_rate,
    )
