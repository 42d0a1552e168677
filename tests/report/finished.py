"""A small finished run as its stages leave it: an exploration, three sides, four mistakes."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from smearflow.assessment.assessment import EDGE, MODEL, assess
from smearflow.assessment.clinic import with_parasitaemia
from smearflow.assessment.in_use import in_use
from smearflow.evaluation.metrics import CONFUSION, METRICS
from smearflow.evaluation.targets import check_targets
from smearflow.records.figures import Confusion
from smearflow.records.validation import Counts, Validation
from smearflow.sides.side import Side
from smearflow.sides.tables import write_table
from tests.material import PROJECT
from tests.records.examples import (
    CLASSES,
    EXPORT,
    FIGURES,
    HISTORY,
    OPERATING,
    SPLIT,
    TRAINING,
    VERDICT,
)
from tests.report.exploration import files
from tests.toy_sides import toy_side

MISSED, FALSE = 3, 1  # mistakes of either kind on the test side
THRESHOLD = 0.5


def write_run(root: Path) -> Path:
    """Write parameters and results of a run, without its pages; returns `root`."""
    files.write_root(root)
    shutil.copytree(PROJECT / "expectations", root / "expectations")
    for stage in ("ingest", "validate", "split", "train", "export", "evaluate", "monitor"):
        (root / "outputs" / stage).mkdir(parents=True)
    sides = {
        name: toy_side(seed=seed, prefix=f"lab/{name[0]}")
        for seed, name in enumerate(("train", "validation", "test"))
    }
    _write_sides(root, sides)
    _write_evaluation(root / "outputs/evaluate", sides["test"])
    for record, stage in ((HISTORY, "train"), (TRAINING, "train"), (EXPORT, "export")):
        record.write(root / "outputs" / stage)
    VERDICT.write(root / "outputs/monitor")
    Validation(
        success=True,
        statistics=Counts(evaluated=0, failed_critical=0, failed_warning=0),
        expectations=(),
        images=144,
        corrected=0,
        quarantined=0,
    ).write(root / "outputs/validate")
    return root


def _write_sides(root: Path, sides: dict[str, Side]) -> None:
    folder = root / "outputs/split"
    SPLIT.write(folder)
    for name, side in sides.items():
        np.save(folder / f"{name}.npy", side.pixels)
        write_table(_measured(side), folder / f"{name}.parquet")
    cells = pd.concat([side.table for side in sides.values()])
    labels = [CLASSES[target] for target in cells["target"]]
    size = {"width": 32, "height": 32}
    manifest = cells.assign(source="lab", label=labels, error=None, **size)
    write_table(manifest, root / "outputs/ingest/manifest.parquet")


def _measured(side: Side) -> pd.DataFrame:
    """With statistics, by which mistaken cells could be told from others."""
    noise = np.random.default_rng(3).normal(size=(len(side.table), 2))
    return side.table.assign(sharpness=noise[:, 0], brightness=noise[:, 1])


def _write_evaluation(folder: Path, side: Side) -> None:
    scores = np.where(side.targets == 1, 0.9, 0.1).astype(np.float32)
    scores[np.flatnonzero(side.targets == 1)[:MISSED]] = 0.2
    scores[np.flatnonzero(side.targets == 0)[:FALSE]] = 0.8
    both = {MODEL: scores, EDGE: scores}
    assessment = assess(
        side.targets, side.patients, CLASSES, THRESHOLD, THRESHOLD, both, samples=50, seed=1
    )
    found = assessment.figures[MODEL]
    figures = {name: found[name] for name in METRICS}
    reached = {name: figure.value for name, figure in figures.items()}
    validation = side.table.assign(probability=scores)  # any cells will do
    used = in_use(assessment, OPERATING, validation, 0.02, 0.9, samples=50, seed=1)
    changed = {
        **used,
        "cells": len(side.targets),
        "patients": len(set(side.patients)),
        "threshold": THRESHOLD,
        "model": figures,
        "edge": figures,
        "confusion": Confusion(**{name: int(found[name].value or 0) for name in CONFUSION}),
        "targets": check_targets("test", {"accuracy": 0.9}, reached),
    }
    FIGURES.model_copy(update=changed).write(folder)
    table = side.table.assign(probability=scores, edge_probability=scores)
    write_table(table, folder / "predictions.parquet")
    by_patient = with_parasitaemia(assessment.by_patient, OPERATING, 0.02)
    by_patient.to_csv(folder / "per_patient.csv", index=False)
