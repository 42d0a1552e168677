from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smearflow.assessment.assessment import EDGE, MODEL, Assessment, assess
from smearflow.evaluation.metrics import CONFUSION, METRICS
from smearflow.records.figures import Estimate
from smearflow.report.pictures.evaluation import (
    assessed_cells,
    confusion,
    draw_evaluation,
    errors,
)
from smearflow.sides.tables import write_table
from tests.records.examples import FIGURES, SPLIT
from tests.toy_sides import toy_side

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
    draw_evaluation(
        tmp_path, assessment, pixels, [f"nih/x/cell_{number}" for number in range(count)]
    )
    names = {"roc_pr", "confusion", "calibration", "per_patient", "errors"}
    assert {file.stem for file in tmp_path.iterdir()} == names
    for file in tmp_path.iterdir():
        with Image.open(file) as picture:
            assert len(picture.convert("L").getcolors() or ()) > 2  # lines and letters on white


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


def test_what_was_assessed_is_read_from_its_files(tmp_path: Path) -> None:
    side = toy_side(patients=5)
    scores = np.random.default_rng(2).random((2, len(side.targets))).astype(np.float32)
    named = dict(zip((MODEL, EDGE), scores, strict=True))
    classes = ("Uninfected", "Parasitized")
    expected = assess(side.targets, side.patients, classes, 0.4, named, samples=50, seed=1)
    split, evaluated = tmp_path / "outputs/split", tmp_path / "outputs/evaluate"
    split.mkdir(parents=True)
    evaluated.mkdir()
    np.save(split / "test.npy", side.pixels)
    write_table(side.table, split / "test.parquet")
    SPLIT.write(split)
    table = side.table.assign(probability=scores[0], edge_probability=scores[1])
    assert assessed_cells(tmp_path) is None  # evaluated nothing yet
    write_table(table, evaluated / "predictions.parquet")
    figures = {
        key: {metric: expected.figures[name][metric] for metric in METRICS}
        for key, name in (("model", MODEL), ("edge", EDGE))
    }
    FIGURES.model_copy(update=figures | {"threshold": 0.4}).write(evaluated)
    cells = assessed_cells(tmp_path)
    assert cells is not None
    found, pixels, names = cells
    assert (pixels == side.pixels).all()
    assert names == list(side.table["cell_id"])
    assert found.by_patient.equals(expected.by_patient)
    for name in (MODEL, EDGE):
        assert (found.scores[name] == expected.scores[name]).all()
        for metric in METRICS:
            assert found.figures[name][metric] == expected.figures[name][metric]
        for count in CONFUSION:
            assert found.figures[name][count].value == expected.figures[name][count].value


def test_an_interval_in_words() -> None:
    assert str(Estimate(value=0.9584, low=0.949, high=0.966)) == "0.958 (0.949-0.966)"
    assert str(Estimate(value=None, low=None, high=None)) == "undefined (undefined-undefined)"
