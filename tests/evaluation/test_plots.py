from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smearflow.evaluation.assessment import EDGE, MODEL, Assessment, assess
from smearflow.evaluation.bootstrap import Estimate
from smearflow.evaluation.plots import confusion, draw, errors, with_interval

CELLS = 60


def _assessment(targets: np.ndarray, probabilities: np.ndarray) -> Assessment:
    scores = {MODEL: probabilities, EDGE: probabilities}
    patients = np.array([f"nih/C{number % 5}" for number in range(len(targets))])
    classes = ("Uninfected", "Parasitized")
    return assess(targets, patients, classes, 0.5, scores, samples=100, seed=1)


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
    count = len(assessment.targets)
    pixels = np.zeros((count, 8, 8, 3), np.uint8)
    draw(tmp_path, assessment, pixels, [f"nih/x/cell_{number}" for number in range(count)])
    names = {"roc_pr", "confusion", "calibration", "per_patient", "errors"}
    assert {file.stem for file in tmp_path.iterdir()} == names
    for file in tmp_path.iterdir():
        with Image.open(file) as picture:
            assert picture.width > 400


def test_confusion_shows_the_counts() -> None:
    assessment = _usual()
    called = assessment.scores[MODEL] >= 0.5
    misses = int((~called & (assessment.targets == 1)).sum())
    texts = [text.get_text() for text in confusion(assessment).axes[0].texts]
    assert texts[2].startswith(f"{misses} cells\n")


def test_errors_show_the_wrong_cells_only() -> None:
    assessment = _usual()
    wrong = (assessment.scores[MODEL] >= 0.5) != assessment.targets
    pixels = np.where(wrong, 255, 0).astype(np.uint8)[:, None, None, None].repeat(3, axis=3)
    figure = errors(assessment, pixels, ["cell"] * CELLS)
    shown = [
        image.get_array() for part in figure.subfigs for ax in part.axes for image in ax.images
    ]
    assert len(shown) == sum(min(wrong[assessment.targets == kind].sum(), 12) for kind in (0, 1))
    assert all(np.all(image == 255) for image in shown)


def test_an_interval_in_words() -> None:
    assert with_interval(Estimate(0.9584, 0.949, 0.966)) == "0.958 (0.949-0.966)"
    assert with_interval(Estimate(None, None, None)) == "undefined (undefined-undefined)"
