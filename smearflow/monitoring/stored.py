"""A baseline as files."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import known
from smearflow.monitoring.baseline import Baseline, images_and_model
from smearflow.monitoring.limits import DriftLimits, Measure
from smearflow.monitoring.projection import Projection
from smearflow.monitoring.sites import Site
from smearflow.records.baseline import BaselineNotes, NotedLimits, NotedSite

REFERENCE, PROJECTION, IMAGED = "reference.parquet", "projection.npz", "imaged.parquet"


def save_baseline(baseline: Baseline, folder: Path) -> None:
    """Write its three tables and baseline.json; equal baselines, equal bytes."""
    projection = baseline.projection
    baseline.reference.to_parquet(folder / REFERENCE, index=False)
    baseline.sites[0].cells.to_parquet(folder / IMAGED, index=False)
    np.savez(folder / PROJECTION, mean=projection.mean, components=projection.components)
    BaselineNotes(
        cells=len(baseline.reference),
        patients=int(baseline.reference["patient"].nunique()),
        statistics=baseline.statistics,
        classes=baseline.classes,
        threshold=baseline.threshold,
        model_sha256=baseline.model_sha256,
        limits=tuple(map(_noted, baseline.limits.values())),
        sites=tuple(map(_noted_site, baseline.sites)),
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
    reference = pd.read_parquet(folder / REFERENCE)
    images, of_model = images_and_model(notes.statistics)
    return Baseline(
        reference=reference,
        projection=projection,
        limits=_limits(notes.limits, of_model),
        sites=_sites(folder, notes) or (Site(None, reference, _limits(notes.limits, images)),),
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


def _noted_site(site: Site) -> NotedSite:
    return NotedSite(
        name=site.name,
        cells=len(site.cells),
        patients=int(site.cells["patient"].nunique()),
        limits=tuple(map(_noted, site.limits.values())),
    )


def _sites(folder: Path, notes: BaselineNotes) -> tuple[Site, ...]:
    """None of an earlier version, whose reference and limits are of images, too."""
    if not notes.sites:
        return ()
    images, _ = images_and_model(notes.statistics)
    cells = pd.read_parquet(folder / IMAGED)
    return tuple(
        Site(
            each.name,
            cells if each.name is None else cells[cells["source"] == each.name],
            _limits(each.limits, images),
        )
        for each in notes.sites
    )


def _limits(noted: Sequence[NotedLimits], measures: Sequence[Measure]) -> dict[int, DriftLimits]:
    """The limits of some measures, by number of patients in a window."""
    names = [measure.name for measure in measures]
    return {
        each.patients: DriftLimits(
            values={name: _number(each.values[name]) for name in names},
            patients=each.patients,
            resamples=each.resamples,
            false_alarm_rate=each.false_alarm_rate,
        )
        for each in noted
    }


def _number(value: float | None) -> float:
    return np.nan if value is None else value
