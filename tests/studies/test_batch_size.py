"""The knee of a table, and a table that was really measured."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.studies.batch_size import Throughput, knee, measure_batch_sizes
from tests.engine.test_trainer import make_bench
from tests.toy_sides import SHORT


def table(speeds: dict[int, float]) -> list[Throughput]:
    return [Throughput(size, speed, 10**9) for size, speed in speeds.items()]


@pytest.mark.parametrize(
    ("speeds", "expected"),
    [
        ({8: 100, 16: 200, 32: 400, 64: 420, 128: 421}, 64),  # 32 is beaten by 5 % and more
        ({8: 100, 16: 200, 32: 400, 64: 404, 128: 400}, 32),
        ({64: 400, 8: 390}, 8),
        ({8: 400, 16: 300, 32: 200}, 8),
        ({248: 50}, 248),
    ],
)
def test_the_knee_is_the_smallest_that_is_fast_enough(
    speeds: dict[int, float], expected: int
) -> None:
    assert knee(table(speeds)) == expected


@given(st.dictionaries(st.integers(1, 512), st.floats(1, 1e4), min_size=1))
def test_no_size_is_much_faster_than_the_knee(speeds: dict[int, float]) -> None:
    chosen = knee(table(speeds))
    assert max(speeds.values()) <= 1.05 * speeds[chosen] * (1 + 1e-9)
    assert all(speeds[size] * 1.05 < max(speeds.values()) for size in speeds if size < chosen)


def test_a_table_is_measured(hub_module: Path, tmp_path: Path) -> None:
    rows = list(measure_batch_sizes(make_bench(hub_module, tmp_path), SHORT, (64, 256)))
    assert [row.batch_size for row in rows] == [64, 256]
    assert all(row.images_per_second > 0 for row in rows)
    assert all(10**8 < row.peak_bytes < 10**10 for row in rows)
