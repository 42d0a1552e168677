from pathlib import Path

import pytest

from benchmarks.engine import TASKS, growth_table, pack, rate_table, run_alone
from tests.material import write_cells


@pytest.mark.parametrize("task", TASKS[:2])
def test_a_task_is_measured_in_a_process_of_its_own(
    task: str, hub_module: Path, tmp_path: Path
) -> None:
    files = sorted(write_cells(tmp_path / "cells", patients=4, per_class=8).rglob("*.png"))
    packed = pack([file.read_bytes() for file in files], 32, 2, tmp_path / "packed")
    figures = run_alone(packed, hub_module, task)
    assert figures["cells"] == 2 * len(files) == 128
    assert figures["MB of pixels"] == pytest.approx(128 * 32 * 32 * 3 / 1e6)
    assert figures["images_per_second"] > 0
    assert 50 < figures["MB of memory beside them"] < 5000


def test_tables_hold_medians() -> None:
    rates = {("decoding", 64): [1.0, 900.0, 1000.0], ("decoding", 96): [5.0]}
    assert rate_table(rates, (64, 96)).splitlines()[-1] == "| decoding | 900 | 5 |"
    names = ("cells", "MB of pixels", "seconds an epoch", "MB of memory beside them")
    row = dict.fromkeys(names, 2.0)
    table = growth_table({1: [row, row], 4: [row | {"cells": 1000.0}]})
    assert table.splitlines()[-1] == "| 4x | 1,000.0 | 2.0 | 2.0 | 2.0 |"
