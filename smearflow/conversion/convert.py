"""From a trained model to LiteRT files, and which of them to ship.

Both files take RGB pixels as float32 [1, S, S, 3], 0..255, and return `probabilities` [1, 2] and
`embedding` [1, D], float32: scaling and quantisation are inside.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from smearflow.model.quiet import tf
from smearflow.params.problem import RARE
from smearflow.records.edge import ClassOutput, EdgeFile, Output

FLOAT32 = "model_float32.tflite"
INT8 = "model_int8.tflite"
CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
WEIGHTED = (*CONVOLUTIONS, "FULLY_CONNECTED")
LEAST_OF_A_CLASS = 0.2  # of the calibration cells
LARGEST_RESCALING = 256.0  # the upper bound of XNNPACK's int8 convolutions

Pixels = npt.NDArray[np.uint8]
Representative = Callable[[], Iterator[list[npt.NDArray[np.float32]]]]


def to_float32(serve: Any) -> bytes:
    """Convert without changing any number.

    Args:
        serve: a tf.function of one signature: pixels float32 [1, S, S, 3], 0..255, to a pair
            (probabilities [1, 2], embedding [1, D]).

    Returns:
        A LiteRT file; the same function gives the same bytes.
    """
    return bytes(_converter(serve).convert())


def to_int8(serve: Any, calibration: Pixels) -> bytes:
    """Convert to integer arithmetic: int8 weights (per channel) and activations.

    Two kinds of operations stay float32. The scaling of pixels and the first convolution with its
    activation: each step of the scaling, done in int8, rounds all of the image by half a level in
    the same direction, and that shift is what the layers after it amplify. And what `refused`
    names.

    Args:
        serve: as for `to_float32`.
        calibration: cells [n, S, S, 3] whose activations set the ranges of the integers.

    Returns:
        A LiteRT file; the same function and cells give the same bytes.
    """
    converter = _converter(serve)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = _representative(calibration)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    with warnings.catch_warnings():
        # The debugger is how TensorFlow lets single operations stay float; it makes, and this code
        # never runs, an interpreter of the deprecated kind.
        warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated")
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter, debug_dataset=converter.representative_dataset
        )
        in_float32 = stem(operations(debugger.calibrated_model))
        content = _quantise(debugger, in_float32)
        if more := refused(operations(content)):
            content = _quantise(debugger, in_float32 + more)
    return content


def _quantise(debugger: Any, in_float32: list[str]) -> bytes:
    debugger.options = tf.lite.experimental.QuantizationDebugOptions(denylisted_nodes=in_float32)
    return bytes(debugger.get_nondebug_quantized_model())


def _converter(serve: Any) -> Any:
    module = tf.Module()
    signature = serve.input_signature[0]

    @tf.function(input_signature=[tf.TensorSpec(signature.shape, signature.dtype, name="pixels")])
    def named(pixels: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities, embedding = serve(pixels)
        return {"probabilities": probabilities, "embedding": embedding}

    concrete = named.get_concrete_function()
    module.variables_of_model = concrete.variables  # the converter saves what it can reach
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)


def _representative(cells: Pixels) -> Representative:
    def feed() -> Iterator[list[npt.NDArray[np.float32]]]:
        for cell in cells:
            yield [cell[None].astype(np.float32)]

    return feed


class Operation(NamedTuple):
    """One operation of a LiteRT file.

    Attributes:
        kind: such as CONV_2D.
        name: of its result.
        rescaling: of a convolution or dense layer in int8, the largest factor from sums of
            products to results; 0 for others.
    """

    kind: str
    name: str
    rescaling: float = 0.0


def operations(content: bytes) -> list[Operation]:
    """The operations of a LiteRT file, in the order they run."""
    interpreter = Interpreter(model_content=content)
    tensors = {tensor["index"]: tensor for tensor in interpreter.get_tensor_details()}
    # private, but no public call tells operations; TensorFlow's own debugger uses it too
    details = interpreter._get_ops_details()
    return [
        Operation(
            operation["op_name"],
            tensors[operation["outputs"][0]]["name"],
            _rescaling(operation, tensors) if operation["op_name"] in WEIGHTED else 0.0,
        )
        for operation in details
    ]


def _rescaling(operation: Mapping[str, Any], tensors: Mapping[int, Mapping[str, Any]]) -> float:
    cell, weights, result = (
        tensors[index]["quantization_parameters"]["scales"]
        for index in (*operation["inputs"][:2], operation["outputs"][0])
    )
    return float(cell[0] * weights.max() / result[0]) if len(result) else 0.0


def stem(found: Sequence[Operation]) -> list[str]:
    """Names of what runs before the second convolution; none if there is no second."""
    places = [place for place, operation in enumerate(found) if operation.kind in CONVOLUTIONS]
    return [operation.name for operation in found[: places[1]]] if len(places) > 1 else []


def refused(found: Sequence[Operation]) -> list[str]:
    """Names of int8 operations that XNNPACK, LiteRT's usual kernels, would not run.

    A layer whose activation is zero on all calibration cells has no range of values to speak of:
    results would be spaced so finely that the rescaling exceeds what the kernels can represent.
    """
    return [operation.name for operation in found if operation.rescaling >= LARGEST_RESCALING]


def even_steps(cells: int, count: int) -> npt.NDArray[np.intp]:
    """`count` indices at even steps over `cells` (all of them if there are fewer)."""
    return np.linspace(0, cells - 1, min(cells, count)).round().astype(np.intp)


def calibration_cells(targets: npt.NDArray[np.int8], count: int) -> npt.NDArray[np.intp]:
    """`count` cells at even steps, of each class a fifth at least, as far as there are so many.

    Activations that only a rare class has would lie outside the ranges of the integers otherwise.

    Args:
        targets: int8 [n], 1 = positive.

    Returns:
        Ascending indices.
    """
    chosen = even_steps(len(targets), count)
    least = int(LEAST_OF_A_CLASS * len(chosen))
    for target in (0, 1):
        own, others = np.flatnonzero(targets == target), np.flatnonzero(targets != target)
        wanted = min(len(own), least)
        if np.sum(targets[chosen] == target) < wanted:
            rest = others[even_steps(len(others), len(chosen) - wanted)]
            return np.sort(np.concatenate([own[even_steps(len(own), wanted)], rest]))
    return chosen


def compare_outputs(
    edge: npt.NDArray[np.float32], model: npt.NDArray[np.float32], threshold: float
) -> dict[str, float | None]:
    """How far a converted model is from the original on the same cells.

    Args:
        edge: probabilities [n] of the converted model.
        model: probabilities [n] of the original.
        threshold: least probability that is called positive.

    Returns:
        agreement (share of cells with the same decision), rare_agreement (of the cells that get the
        rarer decision from either, the share that gets it from both; None where it is not rare),
        largest_difference (of probabilities).
    """
    converted, original = edge >= threshold, model >= threshold
    return {
        "agreement": float((converted == original).mean()),
        "rare_agreement": _rare_agreement(converted, original),
        "largest_difference": float(np.abs(edge - model).max()),
    }


def _rare_agreement(
    converted: npt.NDArray[np.bool_], original: npt.NDArray[np.bool_]
) -> float | None:
    positive = float(original.mean())
    if min(positive, 1 - positive) >= RARE:
        return None
    if positive > 0.5:
        converted, original = ~converted, ~original
    either = int((converted | original).sum())
    return float((converted & original).sum() / either) if either else None


def outputs_of(classes: tuple[str, str], embedding: int) -> tuple[ClassOutput, Output]:
    """What both files return, for whoever runs them.

    Args:
        classes: negative, positive.
        embedding: length of the embedding.
    """
    probabilities = ClassOutput(
        meaning="probability of each class, in the order of `classes`",
        positive=classes[1],
        positive_index=1,
        shape=(1, 2),
        tensor="probabilities",
        type="float32",
    )
    seen = Output(
        meaning="how the model sees the cell; drift is measured on it",
        shape=(1, embedding),
        tensor="embedding",
        type="float32",
    )
    return probabilities, seen


def choose_model(models: Mapping[str, EdgeFile], least_agreement: float) -> tuple[str, str]:
    """The int8 file if its decisions agree with the original often enough, else the float32 file.

    Where a decision is rare it must agree as often on that one: an int8 model that never says
    positive agrees on 98 % of the cells where 2 % are.

    Args:
        models: by file name; no INT8 if LiteRT does not run it.
        least_agreement: share of cells, in (0, 1].

    Returns:
        File name, and the reason as a sentence.
    """
    if INT8 not in models:
        return FLOAT32, "LiteRT does not run the int8 model."
    agreement, rare = models[INT8].agreement, models[INT8].rare_agreement
    enough = min(agreement, 1.0 if rare is None else rare) >= least_agreement
    of_rare = "" if rare is None else f"and on {rare:.2%} of those with the rarer decision, "
    reason = (
        f"int8 decides as the Keras model does on {agreement:.2%} of the validation cells, "
        f"{of_rare}{'at least' if enough else 'less than'} the {least_agreement:.2%} required."
    )
    return (INT8 if enough else FLOAT32), reason
