"""What a LiteRT file is made of, and what of it runs fast."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from ai_edge_litert.interpreter import Interpreter

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
WEIGHTED = (*CONVOLUTIONS, "FULLY_CONNECTED")
LARGEST_RESCALING = 256.0  # the upper bound of XNNPACK's int8 convolutions
DELEGATE = "DELEGATE"  # what LiteRT calls a piece that XNNPACK runs


class Operation(NamedTuple):
    """One operation of a LiteRT file.

    Attributes:
        kind: such as CONV_2D.
        name: of its result.
        weights: how many it holds; 0 but for convolutions and dense layers.
        rescaling: of a convolution or dense layer in int8, the largest factor from sums of
            products to results; 0 for others.
    """

    kind: str
    name: str
    weights: int = 0
    rescaling: float = 0.0


def operations(content: bytes) -> list[Operation]:
    """The operations of a LiteRT file, in the order they run."""
    interpreter = Interpreter(model_content=content)
    tensors = {tensor["index"]: tensor for tensor in interpreter.get_tensor_details()}
    return [_operation(details, tensors) for details in _details(interpreter)]


def pieces(content: bytes) -> int:
    """How many pieces XNNPACK, LiteRT's usual kernels, cuts a file's network into.

    Between two pieces lies an operation that only slower kernels run. One piece is all of it.
    """
    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    return sum(details["op_name"] == DELEGATE for details in _details(interpreter))


def _details(interpreter: Interpreter) -> list[dict[str, Any]]:
    # private, but no public call tells operations; TensorFlow's own debugger uses it too
    found: list[dict[str, Any]] = interpreter._get_ops_details()
    return found


def _operation(details: Mapping[str, Any], tensors: Mapping[int, Mapping[str, Any]]) -> Operation:
    kind, name = details["op_name"], tensors[details["outputs"][0]]["name"]
    if kind not in WEIGHTED:
        return Operation(kind, name)
    cell, weights, result = (
        tensors[index] for index in (*details["inputs"][:2], details["outputs"][0])
    )
    return Operation(kind, name, int(np.prod(weights["shape"])), _rescaling(cell, weights, result))


def _rescaling(*tensors: Mapping[str, Any]) -> float:
    cell, weights, result = (each["quantization_parameters"]["scales"] for each in tensors)
    return float(cell[0] * weights.max() / result[0]) if len(result) else 0.0


def first_layers(found: Sequence[Operation], share: float) -> list[str]:
    """Names of what runs first: layers that hold at most a share of the weights.

    The first convolution is among them however many weights it holds; none of a network of one.

    Args:
        found: of a file in float32.
        share: of all weights, in [0, 1].
    """
    layers = [place for place, operation in enumerate(found) if operation.kind in CONVOLUTIONS]
    if len(layers) < 2:
        return []
    held = np.cumsum([operation.weights for operation in found])
    beyond = (place for place in layers[1:] if held[place] > share * held[-1])
    return [operation.name for operation in found[: next(beyond, len(found))]]


def last_layer(found: Sequence[Operation]) -> list[str]:
    """Names of the last layer and of all that follows it; none of a network of one."""
    layers = [place for place, operation in enumerate(found) if operation.weights]
    return [operation.name for operation in found[layers[-1] :]] if len(layers) > 1 else []


def of_kinds(found: Sequence[Operation], kinds: Sequence[str]) -> list[str]:
    """Names of the operations of some kinds."""
    return [operation.name for operation in found if operation.kind in kinds]


def refused(found: Sequence[Operation]) -> list[str]:
    """Names of int8 operations that XNNPACK would not run.

    A layer whose activation is zero on all calibration cells has no range of values to speak of:
    results would be spaced so finely that the rescaling exceeds what the kernels can represent.
    """
    return [operation.name for operation in found if operation.rescaling >= LARGEST_RESCALING]
