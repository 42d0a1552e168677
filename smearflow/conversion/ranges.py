"""Ranges of integers that lose least of the activations they stand for."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from ai_edge_litert.tools import flatbuffer_utils

STEPS = 255  # from the lowest to the highest int8
VALUES = 250  # of a tensor and a cell, at even steps
SHARES = np.linspace(1.0, 0.3, 15)  # of the whole range; of equals the widest is taken

Floats = npt.NDArray[np.float32]


def narrow_ranges(calibrated: bytes, cells: npt.NDArray[np.uint8]) -> bytes:
    """Narrow the ranges of a calibrated file's activations to those of least square error.

    Calibration takes the lowest and the highest value seen. A few high values make the steps wide
    for all others; to clip them costs less (Nagel et al. 2021, section 3.1).

    Args:
        calibrated: content of a float32 file that tells the range of each activation.
        cells: [n, S, S, 3] on which the activations are looked at.
    """
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(calibrated))
    ranges = {
        index: tensor.quantization
        for index, tensor in enumerate(model.subgraphs[0].tensors)
        if tensor.quantization is not None and tensor.quantization.min is not None
    }
    for index, values in _activations(calibrated, list(ranges), cells).items():
        known = ranges[index]
        low, high = best_range(values, min(known.min[0], 0.0), max(known.max[0], 0.0))
        known.min, known.max = np.array([low], np.float32), np.array([high], np.float32)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def best_range(values: Floats, low: float, high: float) -> tuple[float, float]:
    """The part of a range, with 0 in it, whose steps lose least of some values.

    Args:
        values: [n].
        low: at most 0.
        high: at least 0.
    """
    high *= min(SHARES, key=lambda share: _square_error(values, low, high * share))
    low *= min(SHARES, key=lambda share: _square_error(values, low * share, high))
    return float(low), float(high)


def _square_error(values: Floats, low: float, high: float) -> float:
    step = (high - low) / STEPS or 1.0
    lowest = round(low / step)  # 0 is one of the integers, as in LiteRT
    rounded = np.round(values / step).clip(lowest, lowest + STEPS) * step
    return float(np.square(rounded - values).mean())


def _activations(
    content: bytes, tensors: Sequence[int], cells: npt.NDArray[np.uint8]
) -> dict[int, Floats]:
    """Some values of each of some tensors, over all cells."""
    interpreter = Interpreter(
        model_content=content,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    place = interpreter.get_input_details()[0]["index"]
    seen: dict[int, list[Floats]] = {tensor: [] for tensor in tensors}
    for cell in cells:
        interpreter.set_tensor(place, cell[np.newaxis].astype(np.float32))
        interpreter.invoke()
        for tensor in tensors:
            values = interpreter.get_tensor(tensor).ravel()
            seen[tensor].append(values[:: -(-len(values) // VALUES)])
    return {tensor: np.concatenate(values) for tensor, values in seen.items()}
