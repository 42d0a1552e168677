"""The cells of a test as the stages left them."""

from pathlib import Path

import numpy as np

from smearflow.assessment.assessment import EDGE, MODEL, assess
from smearflow.evaluation.metrics import CONFUSION, METRICS
from smearflow.report.assessed import read_assessed
from smearflow.sides.tables import write_table
from tests.records.examples import FIGURES, SPLIT
from tests.toy_sides import toy_side


def test_what_was_assessed_is_read_from_its_files(tmp_path: Path) -> None:
    side = toy_side(patients=5)
    scores = np.random.default_rng(2).random((2, len(side.targets))).astype(np.float32)
    named = dict(zip((MODEL, EDGE), scores, strict=True))
    classes = ("Uninfected", "Parasitized")
    expected = assess(side.targets, side.patients, classes, 0.4, 0.4, named, samples=50, seed=1)
    split, evaluated = tmp_path / "outputs/split", tmp_path / "outputs/evaluate"
    split.mkdir(parents=True)
    evaluated.mkdir()
    np.save(split / "test.npy", side.pixels)
    write_table(side.table, split / "test.parquet")
    SPLIT.write(split)
    table = side.table.assign(probability=scores[0], edge_probability=scores[1])
    assert read_assessed(tmp_path) is None  # evaluated nothing yet
    write_table(table, evaluated / "predictions.parquet")
    figures = {
        key: {metric: expected.figures[name][metric] for metric in METRICS}
        for key, name in (("model", MODEL), ("edge", EDGE))
    }
    FIGURES.model_copy(update=figures | {"threshold": 0.4}).write(evaluated)
    assessed = read_assessed(tmp_path)
    assert assessed is not None
    found = assessed.assessment
    assert (assessed.side.pixels == side.pixels).all()
    assert list(assessed.side.table["cell_id"]) == list(side.table["cell_id"])
    assert (assessed.wrong == ((scores[0] >= 0.4) != (side.targets == 1))).all()
    assert found.by_patient.equals(expected.by_patient)
    for name in (MODEL, EDGE):
        assert (found.scores[name] == expected.scores[name]).all()
        for metric in METRICS:
            assert found.figures[name][metric] == expected.figures[name][metric]
        for count in CONFUSION:
            assert found.figures[name][count].value == expected.figures[name][count].value
