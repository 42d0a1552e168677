"""The forms of a network that `benchmarks.edge` compares: the file of each, and how it runs.

As a program it loads one form alone, runs it on a cell and prints the memory it took, as JSON.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Form:
    """A form of the network, ready to run on one thread.

    Attributes:
        one: probability of the positive class of RGB pixels [S, S, 3].
        many: those [n] of pixels [n, S, S, 3], where that is not one after the other.
    """

    one: Callable[[Cells], float]
    many: Callable[[Cells], Probabilities] | None = None

    def predict(self, pixels: Cells) -> Probabilities:
        """Probabilities of the positive class [n] of pixels [n, S, S, 3]."""
        if self.many is not None:
            return self.many(pixels)
        return np.array([self.one(cell) for cell in pixels])


def batch(cell: Cells) -> npt.NDArray[np.float32]:
    """A cell as most forms take it."""
    return cell[np.newaxis].astype(np.float32)


# Imports stand where they are used: a process is to hold what its form needs, and no more.
def _litert(file: Path) -> Form:
    from smearflow.edge.runtime import Runner

    runner = Runner(file)
    return Form(lambda cell: float(runner.run(cell)["probabilities"][0, 1]))


def _litert_of_uint8(file: Path) -> Form:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(file), num_threads=1)
    interpreter.allocate_tensors()
    run = interpreter.get_signature_runner()
    return Form(lambda cell: float(run(pixels=cell[np.newaxis])["probabilities"][0, 1]))


def _onnx(file: Path) -> Form:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return Form(
        lambda cell: float(session.run(["probabilities"], {"pixels": batch(cell)})[0][0, 1])
    )


def _function(folder: Path) -> Form:
    from smearflow.model.quiet import tf
    from smearflow.trained.store import describe_model, load_model, serving_function

    serve: Any = serving_function(load_model(folder), describe_model(folder)["image_size"])
    return Form(lambda cell: float(serve(tf.constant(batch(cell)))[0][0, 1]))


def _predict(folder: Path) -> Form:
    from smearflow.model.training import predict
    from smearflow.trained.store import load_model

    model = load_model(folder)
    return Form(
        lambda cell: float(model.predict(batch(cell), verbose=0)[0, 1]),
        lambda pixels: predict(model, pixels)[0].astype(np.float64),
    )


class Kind(NamedTuple):
    """The file, or folder, of a form, and what makes it run."""

    file: str
    load: Callable[[Path], Form]


FUNCTION, PREDICT = "Keras tf.function", "Keras predict"
ONNX32, ONNX8 = "ONNX Runtime float32", "ONNX Runtime int8"
FORMS = {
    "LiteRT float32": Kind("float32.tflite", _litert),
    "LiteRT float32 of uint8": Kind("of_uint8.tflite", _litert_of_uint8),
    "LiteRT float16": Kind("float16.tflite", _litert),
    "LiteRT weights int8": Kind("weights_int8.tflite", _litert),
    "LiteRT dynamic": Kind("dynamic.tflite", _litert),
    "LiteRT int8": Kind("int8.tflite", _litert),
    ONNX32: Kind("float32.onnx", _onnx),
    ONNX8: Kind("int8.onnx", _onnx),
    FUNCTION: Kind("keras", _function),
    PREDICT: Kind("keras", _predict),
}


def load(folder: Path, name: str) -> Form:
    """A form whose file lies in a folder."""
    kind = FORMS[name]
    return kind.load(folder / kind.file)


def size_of(folder: Path, name: str) -> int:
    """Bytes of the file of a form, or of all files of its folder."""
    place = folder / FORMS[name].file
    return sum(each.stat().st_size for each in (place, *place.rglob("*")) if each.is_file())


def main(folder: Path, name: str, size: int) -> None:
    """Load a form, run it on a cell and print the most memory that took."""
    load(folder, name).one(np.zeros((size, size, 3), np.uint8))
    # not getrusage, which counts what the process that started this one had
    status = Path("/proc/self/status").read_text().split()
    kilobytes = int(status[status.index("VmHWM:") + 1])
    print(json.dumps({"peak_mb": kilobytes * 1024 / 1e6}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
