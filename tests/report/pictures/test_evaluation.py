from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from smearflow.assessment.assessment import EDGE, MODEL, Assessment, assess
from smearflow.records.figures import Estimate
from smearflow.report.pictures.evaluation import (
    Calibration,
    draw_evaluation,
    plot_calibration,
    plot_confusion,
)
from smearflow.report.pictures.patients import plot_parasitaemia

CELLS = 60


def _assessment(targets: np.ndarray, probabilities: np.ndarray) -> Assessment:
    scores = {MODEL: probabilities, EDGE: probabilities}
    patients = np.array([f"nih/C{number % 5}" for number in range(len(targets))])
    classes = ("Uninfected", "Parasitized")
    return assess(targets, patients, classes, 0.5, 0.5, scores, samples=100, seed=1)


def _usual() -> Assessment:
    rng = np.random.default_rng(1)
    targets = rng.integers(0, 2, CELLS).astype(np.int8)
    return _assessment(targets, (0.3 + 0.4 * rng.random(CELLS)).astype(np.float32))


# without errors; and calling no cell positive, which leaves the precision undefined
PERFECT = _assessment(np.arange(6, dtype=np.int8) % 2, np.arange(6, dtype=np.float32) % 2)
NEVER = _assessment(np.arange(6, dtype=np.int8) % 2, np.zeros(6, np.float32))
# a single cell, and cells of one class: neither has curves
ONE = _assessment(np.ones(1, np.int8), np.full(1, 0.9, np.float32))
NEGATIVE = _assessment(np.zeros(3, np.int8), np.array([0.1, 0.2, 0.9], np.float32))


@pytest.mark.parametrize("assessment", [_usual(), PERFECT, NEVER, ONE, NEGATIVE])
def test_every_picture_is_drawn(assessment: Assessment, tmp_path: Path) -> None:
    draw_evaluation(tmp_path, assessment)
    names = {"roc_pr", "confusion", "calibration", "per_patient"}
    assert {file.stem for file in tmp_path.iterdir()} == names
    for file in tmp_path.iterdir():
        with Image.open(file) as picture:
            assert len(picture.convert("L").getcolors() or ()) > 2  # lines and letters on white


@pytest.mark.parametrize("assessment", [_usual(), ONE])
def test_calibrated_probabilities_are_a_line_of_their_own(assessment: Assessment) -> None:
    error = Estimate(value=0.0123, low=0.01, high=0.02)
    lines = [
        len(plot_calibration(assessment, calibration=calibration).axes[0].lines)
        for calibration in (None, Calibration(2.0, error))
    ]
    assert lines[1] == lines[0] + 1
    panel = plot_calibration(assessment, calibration=Calibration(2.0, error)).axes[0]
    assert any("0.012" in str(line.get_label()) for line in panel.lines)


def test_patients_outside_their_intervals_are_named() -> None:
    found = {"parasitaemia": [0.1, 0.5], "parasitaemia_low": [0, 0.4], "parasitaemia_high": 0.6}
    table = pd.DataFrame(
        {"patient": ["nih/C1", "nih/C2"], "cells": 100, "positives": [20, 20]} | found
    ).assign(verdict=["cannot tell", "positive"])
    panel = plot_parasitaemia(table).axes[0]
    assert [text.get_text() for text in panel.texts] == ["C2"]
    assert {"cannot tell", "positive"} <= {str(line.get_label()) for line in panel.lines}


def test_confusion_shows_the_counts() -> None:
    assessment = _usual()
    called = assessment.scores[MODEL] >= 0.5
    misses = int((~called & (assessment.targets == 1)).sum())
    texts = [text.get_text() for text in plot_confusion(assessment).axes[0].texts]
    assert texts[2].startswith(f"{misses} cells\n")


def test_an_interval_in_words() -> None:
    assert str(Estimate(value=0.9584, low=0.949, high=0.966)) == "0.958 (0.949-0.966)"
    assert str(Estimate(value=None, low=None, high=None)) == "undefined (undefined-undefined)"
