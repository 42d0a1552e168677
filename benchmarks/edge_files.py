"""Writes the files of the forms of a network that `benchmarks.edge` compares."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.edge_forms import FORMS, ONNX8, ONNX32, Cells, batch
from smearflow.conversion.convert import (
    calibration_cells,
    converter_of,
    to_float32,
    to_int8,
    to_weights_int8,
    with_names,
)
from smearflow.model.quiet import tf
from smearflow.sides.side import load_side
from smearflow.trained.store import describe_model, load_model, serving_function

OPSET = 17


@dataclass(frozen=True)
class Network:
    """What the forms are made of.

    Attributes:
        folder: of the trained model.
        serve: as of `trained.store.serving_function`.
        calibration: cells [n, S, S, 3].
    """

    folder: Path
    serve: Any
    calibration: Cells


def write_files(folder: Path, run: Path, names: Sequence[str], cells: int) -> None:
    """Write some of FORMS, of the network that a run trained.

    Args:
        cells: to calibrate on.
    """
    trained, train = run / "outputs/train/model", load_side(run / "outputs/split", "train")
    calibration = train.take(calibration_cells(train.targets, cells)).pixels
    serve = serving_function(load_model(trained), describe_model(trained)["image_size"])
    network = Network(trained, serve, calibration)
    for file in {FORMS[name].file for name in names}:
        WRITERS[file](folder / file, network)


def _float32(file: Path, network: Network) -> None:
    file.write_bytes(to_float32(network.serve))


def _of_uint8(file: Path, network: Network) -> None:
    shape = network.serve.input_signature[0].shape

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.uint8)])
    def serve(pixels: tf.Tensor) -> Any:
        return network.serve(tf.cast(pixels, tf.float32))

    file.write_bytes(to_float32(serve))


def _float16(file: Path, network: Network) -> None:
    converter = converter_of(network.serve)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    file.write_bytes(converter.convert())


def _weights_int8(file: Path, network: Network) -> None:
    file.write_bytes(to_weights_int8(to_float32(network.serve)))


def _dynamic(file: Path, network: Network) -> None:
    converter = converter_of(network.serve)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    file.write_bytes(converter.convert())


def _int8(file: Path, network: Network) -> None:
    file.write_bytes(to_int8(network.serve, network.calibration))


def _onnx(file: Path, network: Network) -> None:
    import tf2onnx

    named = with_names(network.serve)
    tf2onnx.convert.from_function(
        named, input_signature=named.input_signature, opset=OPSET, output_path=str(file)
    )


def _onnx_int8(file: Path, network: Network) -> None:
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.cells = iter(network.calibration)

        def get_next(self) -> dict[str, Any] | None:
            cell = next(self.cells, None)
            return None if cell is None else {"pixels": batch(cell)}

    plain, prepared = (file.with_suffix(f".{name}.onnx") for name in ("plain", "prepared"))
    _onnx(plain, network)
    quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared), str(file), Reader(), per_channel=True, weight_type=QuantType.QInt8
    )


def _keras(folder: Path, network: Network) -> None:
    shutil.copytree(network.folder, folder)


WRITERS: dict[str, Callable[[Path, Network], None]] = {
    "float32.tflite": _float32,
    "of_uint8.tflite": _of_uint8,
    "float16.tflite": _float16,
    "weights_int8.tflite": _weights_int8,
    "dynamic.tflite": _dynamic,
    "int8.tflite": _int8,
    FORMS[ONNX32].file: _onnx,
    FORMS[ONNX8].file: _onnx_int8,
    "keras": _keras,
}
