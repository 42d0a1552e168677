from pathlib import Path

import pytest

from benchmarks.engine import pack
from benchmarks.step import BATCHES, PARTS, operations, run_alone, tables
from smearflow.model.quiet import tf
from tests.material import write_cells

MEASURED = dict.fromkeys(PARTS, 10.0) | {"first step": 3.0, "operations": 2e9, "peak": 50e9}
MEASURED |= {f"{size}{kind}": 100.0 + size for size in BATCHES for kind in ("", ", bfloat16")}


@pytest.mark.parametrize("kind", ["float32", "bfloat16"])
def test_a_step_is_measured_in_a_process_of_its_own(
    kind: str, hub_module: Path, tmp_path: Path
) -> None:
    files = sorted(write_cells(tmp_path / "cells", patients=4, per_class=32).rglob("*.png"))
    packed = pack([file.read_bytes() for file in files], 32, 1, tmp_path / "packed")
    found = run_alone(packed, hub_module, kind)
    assert {*PARTS, "first step", *map(str, BATCHES)} < set(found)
    assert 0 < found["operations"] < found["peak"]
    assert found["forward"] > 0


def test_operations_are_counted_within_functions_that_are_called() -> None:
    weights = tf.Variable(tf.ones((8, 4)))
    inner = tf.function(lambda row: row @ weights)
    outer = tf.function(lambda row: inner(row))
    row = tf.ones((3, 8))
    assert operations(outer.get_concrete_function(row)) == 2 * 3 * 8 * 4


def test_tables_have_a_row_for_each_network() -> None:
    parts, rates = tables({"small, 64 px": MEASURED, "large, 64 px": MEASURED})
    assert parts.splitlines()[-1].startswith("| large, 64 px | 3.0 | 10.0 (25%) |")
    assert parts.splitlines()[-1].endswith("| 2.0 | 4% |")
    assert len(rates.splitlines()) == 2 + 2 * 2
    assert rates.splitlines()[2] == "| small, 64 px | float32 | 116 | 132 | 164 | 228 | 356 |"
