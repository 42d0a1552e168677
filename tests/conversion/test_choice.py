from typing import Any

import numpy as np
import pytest

from smearflow.assessment.paired import Scores
from smearflow.conversion.choice import choose_file, judge
from smearflow.conversion.convert import FLOAT32, INT8, WEIGHTS_INT8
from smearflow.params.export import Export, Margins
from smearflow.records.edge import EdgeFile

MARGINS = Margins(roc_auc=0.003, sensitivity=0.01, specificity=0.01)
SETTINGS = Export(
    calibration_cells=1, margins=MARGINS, most_bytes=1000, bootstrap_samples=200, seed=1
)


def _cells(rare: float = 0.5) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(6)
    targets = (rng.random(4000) < rare).astype(np.int8)
    told = 1 / (1 + np.exp(-(5 * targets - 2.5 + rng.normal(0, 1.2, 4000))))
    return targets, np.repeat(np.arange(40), 100).astype(str), told.astype(np.float32)


def _judged(targets: Any, patients: Any, told: Any, by_file: Any) -> EdgeFile:
    found = judge(targets, patients, by_file, Scores(told, 0.5), SETTINGS)
    return EdgeFile.model_validate({"bytes": 1, "sha256": "0"} | found)


def test_moved_probabilities_are_no_error() -> None:
    targets, patients, told = _cells()
    file = _judged(targets, patients, told, told**3)
    assert file.no_worse
    assert file.threshold is not None
    assert file.threshold < 0.5
    assert file.largest_difference == pytest.approx(float(np.max(told - told**3)), abs=1e-6)


def test_a_file_that_changes_nothing_keeps_the_threshold() -> None:
    targets, patients, told = _cells()
    file = _judged(targets, patients, told, told)
    assert (file.threshold, file.agreement, file.no_worse) == (0.5, 1.0, True)


def test_noise_is_worse() -> None:
    targets, patients, told = _cells()
    noise = np.random.default_rng(1).normal(0, 0.3, len(told)).astype(np.float32)
    file = _judged(targets, patients, told, (told + noise).clip(0, 1))
    assert file.no_worse is False
    assert file.differences is not None
    assert not file.differences["specificity"].no_worse_by(MARGINS.specificity)


def test_a_file_that_never_says_positive_is_worse_where_positive_cells_are_rare() -> None:
    targets, patients, told = _cells(rare=0.02)
    file = _judged(targets, patients, told, np.zeros_like(told))
    assert file.no_worse is False


def _file(size: int, arithmetic: str, *, pieces: int = 1, no_worse: bool = True) -> EdgeFile:
    return EdgeFile.model_validate(
        {
            "agreement": 1.0,
            "arithmetic": arithmetic,
            "bytes": size,
            "no_worse": no_worse,
            "pieces": pieces,
            "sha256": "0",
            "small_enough": size <= 1000,
        }
    )


FLOATS = {FLOAT32: _file(3000, "float32"), WEIGHTS_INT8: _file(900, "float32")}


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        ({INT8: _file(950, "int8", pieces=2)}, INT8),
        ({INT8: _file(950, "int8", pieces=19)}, WEIGHTS_INT8),
        ({INT8: _file(950, "int8", pieces=0)}, WEIGHTS_INT8),  # where LiteRT lacks XNNPACK
        ({INT8: _file(950, "int8", pieces=2, no_worse=False)}, WEIGHTS_INT8),
        ({INT8: _file(1050, "int8", pieces=2)}, WEIGHTS_INT8),
        ({}, WEIGHTS_INT8),
        ({WEIGHTS_INT8: _file(1100, "float32"), INT8: _file(1200, "int8")}, WEIGHTS_INT8),
        ({WEIGHTS_INT8: _file(900, "float32", no_worse=False)}, FLOAT32),
        ({name: _file(9, "int8", no_worse=False) for name in (*FLOATS, INT8)}, FLOAT32),
        ({FLOAT32: _file(500, "float32"), WEIGHTS_INT8: _file(400, "float32")}, WEIGHTS_INT8),
    ],
)
def test_the_fastest_that_is_small_enough_and_no_worse(
    files: dict[str, EdgeFile], chosen: str
) -> None:
    assert choose_file(FLOATS | files, FLOAT32) == chosen
