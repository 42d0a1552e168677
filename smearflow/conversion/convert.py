"""From a trained model to LiteRT files.

Every file takes RGB pixels as float32 [1, S, S, 3], 0..255, and returns `probabilities` [1, 2] and
`embedding` [1, D], float32: scaling and quantisation are inside.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import numpy.typing as npt
from litert_quantizer import quantizer, recipe

from smearflow.conversion.operations import (
    first_layers,
    last_layer,
    of_kinds,
    operations,
    refused,
)
from smearflow.conversion.ranges import narrow_ranges
from smearflow.model.quiet import tf
from smearflow.records.edge import ClassOutput, Output
from smearflow.sides.side import even_steps

FLOAT32 = "model_float32.tflite"
WEIGHTS_INT8 = "model_weights_int8.tflite"
INT8 = "model_int8.tflite"
LEAST_OF_A_CLASS = 0.2  # of the calibration cells
FIRST = 0.01  # of the weights
FLOAT_KERNELS = ("HARD_SWISH",)  # what XNNPACK runs in float32 and not in int8

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
    return bytes(converter_of(serve).convert())


def to_weights_int8(float32: bytes) -> bytes:
    """Convert weights to int8, per channel; all arithmetic stays float32.

    LiteRT turns the weights back into float32 when it loads the file, so the network is as fast and
    all but as exact as before, in a third of the bytes.

    Args:
        float32: content of a file of `to_float32`.

    Returns:
        A LiteRT file; the same content gives the same bytes.
    """
    with redirect_stdout(sys.stderr):  # it tells sizes and times, which belong into a log
        quantised = quantizer.Quantizer(float32, recipe.weight_only_wi8_afp32()).quantize()
    return bytes(quantised.quantized_model)


def to_int8(serve: Any, calibration: Pixels) -> bytes:
    """Convert to integer arithmetic: int8 weights (per channel) and activations.

    These operations stay float32:

    - the scaling of pixels and the first layers, up to FIRST of the weights: each step of the
      scaling, done in int8, rounds all of the image by half a level in the same direction, and
      channels of very different range share one scale; the layers after them amplify both;
    - FLOAT_KERNELS: each would cut the network in two pieces for XNNPACK, and the way from piece to
      piece costs more than int8 saves;
    - the last layer, which would leave 256 different probabilities, many of them of several cells;
    - what `refused` names.

    Args:
        serve: as for `to_float32`.
        calibration: cells [n, S, S, 3] whose activations set the ranges of the integers
            (`ranges.narrow_ranges`).

    Returns:
        A LiteRT file; the same function and cells give the same bytes.
    """
    converter = converter_of(serve)
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
        debugger.calibrated_model = narrow_ranges(debugger.calibrated_model, calibration)
        found = operations(debugger.calibrated_model)
        in_float32 = [
            *first_layers(found, FIRST),
            *of_kinds(found, FLOAT_KERNELS),
            *last_layer(found),
        ]
        content = _quantise(debugger, in_float32)
        integers = [operation for operation in operations(content) if operation.rescaling]
        more = refused(integers)
        if 0 < len(more) < len(integers):  # of none TensorFlow makes no file
            content = _quantise(debugger, in_float32 + more)
    return content


def _quantise(debugger: Any, in_float32: list[str]) -> bytes:
    debugger.options = tf.lite.experimental.QuantizationDebugOptions(denylisted_nodes=in_float32)
    return bytes(debugger.get_nondebug_quantized_model())


def with_names(serve: Any) -> Any:
    """The same function with names for what it takes and returns, which files keep."""
    signature = serve.input_signature[0]

    @tf.function(input_signature=[tf.TensorSpec(signature.shape, signature.dtype, name="pixels")])
    def named(pixels: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities, embedding = serve(pixels)
        return {"probabilities": probabilities, "embedding": embedding}

    return named


def converter_of(serve: Any) -> Any:
    """TensorFlow's converter for such a function; as it is it changes no number."""
    module = tf.Module()
    concrete = with_names(serve).get_concrete_function()
    module.variables_of_model = concrete.variables  # the converter saves what it can reach
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)


def _representative(cells: Pixels) -> Representative:
    def feed() -> Iterator[list[npt.NDArray[np.float32]]]:
        for cell in cells:
            yield [cell[None].astype(np.float32)]

    return feed


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


def outputs_of(classes: tuple[str, str], embedding: int) -> tuple[ClassOutput, Output]:
    """What every file returns, for whoever runs them.

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
