from pathlib import Path
from typing import cast

import numpy as np
import pytest

from benchmarks import asking
from smearflow.edge.runtime import EdgeModel
from tests.material import write_cells
from tests.monitoring.colour_model import ColourModel
from tests.toy_sides import toy_side


def test_the_same_number_of_cells_is_asked_about_in_both_ways() -> None:
    side = toy_side(patients=8, per_class=3)
    order = list(range(20, 0, -1))
    found = list(asking.choices(order, side, [5, 10], most=4, seed=1))
    assert [(budget, way, len(cells)) for budget, way, cells in found] == [
        (0, asking.QUEUE, 0),
        (5, asking.QUEUE, 5),
        (5, asking.CHANCE, 5),
        (10, asking.QUEUE, 10),
        (10, asking.CHANCE, 10),
    ]
    assert found[1][2].tolist() == order[:5]
    again = list(asking.choices(order, side, [5, 10], most=4, seed=2))
    assert not np.array_equal(found[2][2], again[2][2])
    assert len(set(found[4][2].tolist())) == 10


def test_a_row_has_both_ways_side_by_side() -> None:
    told = [{"accuracy": 0.9, "roc_auc": 0.95}, {"accuracy": 0.8, "roc_auc": 0.85}]
    found = {(0, asking.QUEUE): told, (25, asking.QUEUE): told, (25, asking.CHANCE): told[:1]}
    rows = asking.table(found).splitlines()[2:]
    assert rows[0].startswith("| 0 | 0.850 (0.800-0.900) |  | 0.900")
    assert "| 0.900 (0.900-0.900) |" in rows[1]


@pytest.mark.parametrize("patients", [6, 1])
def test_those_asked_about_and_those_tested_share_no_patient_or_no_field_of_a_lone_one(
    patients: int, tmp_path: Path
) -> None:
    cells = write_cells(tmp_path, patients=patients, per_class=4)
    asked, test = asking.read_place(cells, cast(EdgeModel, ColourModel(cells)))
    assert len(asked.targets) == len(test.targets) == 4 * patients
    assert not {*asked.patients.tolist()} & {*test.patients.tolist()}
