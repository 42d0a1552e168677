import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from smearflow.parallel import CHUNK, FEW, ordered_map
from tests.processes import workers_of_killed


def numbers(count: int, drawn: list[int]) -> Iterator[int]:
    for number in range(count):
        drawn.append(number)
        yield number


@pytest.mark.parametrize("count", [0, 5, FEW, 40 * CHUNK])
def test_results_come_in_order_and_items_are_drawn_as_needed(count: int) -> None:
    drawn: list[int] = []
    ahead = 0
    for done, result in enumerate(ordered_map(abs, numbers(count, drawn), count)):
        assert result == done
        ahead = max(ahead, len(drawn) - done)
    assert len(drawn) == count
    assert ahead <= (2 * (os.cpu_count() or 1) + 2) * CHUNK


def test_an_error_of_the_function_comes_through() -> None:
    for count in (2, FEW + 1):
        with pytest.raises(ValueError, match="chr"):
            list(ordered_map(chr, [1, -1], count))


ORPHANING = """
from smearflow.parallel import FEW, ordered_map

if __name__ == "__main__":
    for _ in ordered_map(abs, iter(range(10**9)), FEW + 1):
        print("one", flush=True)
"""


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    assert workers_of_killed(tmp_path / "orphaning.py", ORPHANING) >= 1
