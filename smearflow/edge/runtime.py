"""The exported model as an edge device runs it: numpy, LiteRT and Pillow, nothing else.

A folder holds edge.json (which file, its hash, classes, threshold, image size, what it takes and
returns, what a cell can be, a self-test), the files of models, of usual embeddings, and the
self-test's cells. A release holds such a folder, `export`, and checksums of all its files.
"""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from smearflow.edge.checksums import FILE as CHECKSUMS
from smearflow.edge.checksums import verify_checksums
from smearflow.edge.contract import RANGE, TENSOR, feed, pixel_range
from smearflow.edge.novelty import Novelty
from smearflow.edge.plausible import CellLimits
from smearflow.edge.self_test import self_test
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256
from smearflow.ground.stderr import held_stderr
from smearflow.images.decode import pixels_of
from smearflow.images.stain import normalised_slides

DESCRIPTION = "edge.json"
EXPORT = "export"  # where a release has it
LOOK_YOURSELF = "look yourself"
_AGAIN = "copy the whole folder again, or run the stage export"


class EdgeModel:
    """The chosen model of an export folder, checked against its hash and by its self-test.

    Exports of versions that lack keys of edge.json are run as they were then: without a self-test,
    with the usual limits of what a cell can be, and with nothing said of patients.

    Attributes:
        file: name of the model's file.
        classes: names, negative before positive.
        threshold: a cell is positive when its probability is at least this.
        image_size: width and height of a cell in pixels.
        stain_normalised: whether it learned from cells that were, by slide.
        sha256: of the model's file.
        cell: what an image of one cell is like.
        novelty: what an embedding of a cell is like; None of exports that do not tell.
        description: edge.json as it is.

    Args:
        folder: where edge.json lies, or a release, of which every file is checked.

    Raises:
        SmearflowError: the folder is no export, a file is missing or damaged, the model asks for
            another input than is fed here, or the self-test fails.
    """

    def __init__(self, folder: Path) -> None:
        if (folder / CHECKSUMS).is_file():
            verify_checksums(folder)
            folder = folder / EXPORT
        description = _describe(folder)
        try:
            self._load(folder, description)
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(folder, error) from error

    def _load(self, folder: Path, description: dict[str, Any]) -> None:
        self.file: str = description["chosen"]
        self.classes: tuple[str, str] = tuple(description["classes"])
        self.threshold: float = description["threshold"]
        self.image_size: int = description["image_size"]
        self.sha256: str = description["models"][self.file]["sha256"]
        answers = (description.get("operating") or {}).get("answers", {})
        self._lower: float = answers.get("lower", self.threshold)
        self._upper: float = answers.get("upper", self.threshold)
        asked = description.get("input")
        self.stain_normalised = bool(asked and asked.get("stain"))
        self.cell = CellLimits(**description.get("cell", {}))
        path = folder / self.file
        if not path.is_file() or file_sha256(path) != self.sha256:
            raise SmearflowError(f"{path} is missing or not the file {DESCRIPTION} names", _AGAIN)
        noted = description.get("novelty")
        self.novelty = Novelty.of_export(folder, noted) if noted else None
        self.description: Mapping[str, Any] = description
        self._runner = Runner(path, pixel_range(asked, self.image_size))
        if "self_test" in description:
            self_test(folder, description["self_test"], self.file, self.probability)

    def answer(self, probability: float) -> str:
        """The class that a probability is an answer for; LOOK_YOURSELF where it is for none.

        Exports of versions that wrote no limits answer always, by the threshold.
        """
        if self._lower <= probability < self._upper:
            return LOOK_YOURSELF
        return self.classes[probability >= self._upper]

    def probability(self, data: bytes) -> float:
        """Probability of the positive class, of the bytes of an image file, judged by itself.

        Raises:
            UndecodableError: no image, or a damaged one.
        """
        pixels = pixels_of(data, self.image_size)[np.newaxis]
        return float(self.predict(self.prepared(pixels, [""]))[0][0])

    def prepared(
        self, pixels: npt.NDArray[np.uint8], slides: Sequence[object]
    ) -> npt.NDArray[np.uint8]:
        """Cells as the model takes them: the stain of each slide normalised, if it asks for that.

        Args:
            pixels: RGB [n, image_size, image_size, 3].
            slides: [n], which slide each is of; the more cells of it, the better its stain is told.
        """
        return normalised_slides(pixels, slides) if self.stain_normalised else pixels

    def predict(
        self, pixels: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Probability of the positive class [n] and embedding [n, D] of each cell.

        Args:
            pixels: RGB [n, image_size, image_size, 3], `prepared`.

        Raises:
            ValueError: pixels of another shape or type.
        """
        size = self.image_size
        if pixels.dtype != np.uint8 or pixels.shape[1:] != (size, size, 3):
            raise ValueError(f"{pixels.dtype} {pixels.shape}, not uint8 [n, {size}, {size}, 3]")
        return self._runner.predict(pixels)


def _describe(folder: Path) -> dict[str, Any]:
    file = folder / DESCRIPTION
    if not file.is_file():
        raise SmearflowError(f"{folder} holds no edge model ({DESCRIPTION} is missing)", _AGAIN)
    try:
        description: dict[str, Any] = json.loads(file.read_text())
    except ValueError as error:
        raise _damaged(folder, error) from error
    return description


def _damaged(folder: Path, error: Exception) -> SmearflowError:
    lacks = f"it lacks the key {error}" if isinstance(error, KeyError) else error
    return SmearflowError(f"{folder / DESCRIPTION} is damaged: {lacks}", _AGAIN)


class Runner:
    """One LiteRT file, one cell at a time on one thread.

    At 96 pixels a batch of 32 saves a third of 1 ms per cell and a second thread nothing; neither
    is worth results that depend on how many cells arrive together.

    Args:
        path: of the file.
        black_and_white: the values it takes for them.
        usual_kernels: False runs it by those of LiteRT that other processors may use.

    Attributes:
        width: length of the embedding.
    """

    def __init__(
        self,
        path: Path,
        black_and_white: tuple[float, float] = RANGE,
        *,
        usual_kernels: bool = True,
    ) -> None:
        self._range = black_and_white
        kernels = "AUTO" if usual_kernels else "BUILTIN_WITHOUT_DEFAULT_DELEGATES"
        with held_stderr():
            interpreter = Interpreter(
                model_path=str(path),
                num_threads=1,
                experimental_op_resolver_type=OpResolverType[kernels],
            )
            interpreter.allocate_tensors()
        self._run = interpreter.get_signature_runner()
        shape = self._run.get_input_details()[TENSOR]["shape"]
        self._input = np.empty(shape, np.float32)
        self.width = int(self._run.get_output_details()["embedding"]["shape"][1])

    def predict(
        self, pixels: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """As `EdgeModel.predict`."""
        probabilities = np.empty(len(pixels), np.float32)
        embeddings = np.empty((len(pixels), self.width), np.float32)
        for index, cell in enumerate(pixels):
            outputs = self.run(cell)
            probabilities[index] = outputs["probabilities"][0, 1]
            embeddings[index] = outputs["embedding"][0]
        return probabilities, embeddings

    def run(self, cell: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[np.float32]]:
        """Outputs of one cell [S, S, 3]: probabilities [1, 2] and embedding [1, D]."""
        self._input[0] = feed(cell, self._range)
        return self._run(pixels=self._input)


def measure_latency(path: Path, cell: npt.NDArray[np.uint8], runs: int = 200) -> dict[str, float]:
    """Milliseconds from pixels to probability on one thread, median and 95th percentile.

    Args:
        path: a LiteRT file.
        cell: [S, S, 3].
        runs: timed ones, after a tenth as many to warm up.
    """
    runner = Runner(path)
    times = []
    for run in range(runs + runs // 10):
        started = time.perf_counter()
        runner.run(cell)
        if run >= runs // 10:
            times.append(1000 * (time.perf_counter() - started))
    p50, p95 = np.percentile(times, [50, 95])
    return {"p50_ms": round(float(p50), 3), "p95_ms": round(float(p95), 3)}
