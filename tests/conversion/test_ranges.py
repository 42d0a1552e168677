from typing import Any

import numpy as np
import pytest
from ai_edge_litert.tools import flatbuffer_utils
from hypothesis import given
from hypothesis import strategies as st

from smearflow.conversion.ranges import STEPS, best_range, narrow_ranges


def error(values: Any, low: float, high: float) -> float:
    """Mean square error of values told in even steps between two ends."""
    step = (high - low) / STEPS
    steps = step * (np.arange(STEPS + 1) + round(low / step))  # 0 is one of them
    nearest = steps[np.abs(values[:, None] - steps).argmin(axis=1)]
    return float(np.mean((nearest - values) ** 2))


def test_a_range_that_few_values_reach_is_narrowed() -> None:
    values = np.random.default_rng(1).uniform(0, 1, 50_000).astype(np.float32)
    values[0] = 1.2
    low, high = best_range(values, 0.0, 3.0)
    assert low == 0
    assert 1.0 <= high <= 1.3
    assert error(values, low, high) < error(values, 0, 3) / 4


def test_values_that_fill_their_range_keep_it() -> None:
    values = np.linspace(-2, 3, 10_000, dtype=np.float32)
    assert best_range(values, -2.0, 3.0) == (-2.0, 3.0)


def test_a_silent_activation_keeps_its_range() -> None:
    assert best_range(np.zeros(10, np.float32), 0.0, 0.0) == (0, 0)
    assert best_range(np.zeros(10, np.float32), -1.0, 1.0) == (-1, 1)


@given(st.integers(0, 10_000), st.floats(1.0, 50.0))
def test_the_range_is_a_part_of_the_whole_and_no_worse(seed: int, tail: float) -> None:
    values = np.random.default_rng(seed).standard_t(tail, 500).astype(np.float32)
    whole = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    low, high = best_range(values, *whole)
    assert whole[0] <= low <= 0 <= high <= whole[1]
    assert error(values, low, high) <= error(values, *whole) * (1 + 1e-3) + 1e-9


@pytest.mark.heavy
def test_only_ranges_that_a_file_tells_are_narrowed(float32_model: bytes, pixels: Any) -> None:
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(float32_model))
    told = [tensor for tensor in model.subgraphs[0].tensors if b"conv" in tensor.name.lower()]
    for tensor in told:
        tensor.quantization.min, tensor.quantization.max = np.array([-9e3]), np.array([9e3])
    wide = bytes(flatbuffer_utils.convert_object_to_bytearray(model))
    narrow = flatbuffer_utils.read_model_from_bytearray(bytearray(narrow_ranges(wide, pixels)))
    names = {tensor.name for tensor in told}
    assert names
    for tensor in narrow.subgraphs[0].tensors:
        known = tensor.quantization
        if tensor.name in names:
            assert -9e3 < known.min[0] <= 0 <= known.max[0] < 9e3
        else:
            assert known is None or known.min is None
