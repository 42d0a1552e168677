"""What the stage export tells of the files for devices."""

from typing import ClassVar, Literal

from pydantic import ConfigDict, JsonValue

from smearflow.ground.record import Part, Record
from smearflow.records.figures import Difference
from smearflow.records.operating import OperatingPoint

Number = int | float
"""A limit as it was written: whole ones without a point."""


class _Lasting(Part):
    """A part of a file that outlives the code that wrote it: keys of later versions are ignored."""

    model_config = ConfigDict(extra="ignore")


class NotedCellLimits(_Lasting):
    """What an image of one cell is like, as `smearflow.edge.plausible` judges it.

    Attributes:
        shortest: pixels of the shorter side, at least.
        longest: pixels of the longer side, at most.
        elongation: longer side by shorter side, at most.
        cell_area: share of the image, at least.
        brightness: mean grey level of 0..255, at least.
        relief: what is more than uneven light, a share of the mean grey level, at least.
        sharpness: at most.
    """

    shortest: Number
    longest: Number
    elongation: Number
    cell_area: Number
    brightness: Number
    relief: Number
    sharpness: Number


class NotedNovelty(_Lasting):
    """Beyond what of its embedding an image is taken for no cell.

    Attributes:
        file: with what is usual and what is no cell, below the folder of the export.
        sha256: of its content.
        limit: the largest distance of a cell.
        most_odds: the largest log odds, of being no cell, of a cell; None: of earlier versions.
    """

    file: str
    sha256: str
    limit: float
    most_odds: float | None = None


class Input(_Lasting):
    """How the bytes of an image file become the model's input.

    Attributes:
        antialias: whether the resizing kernel grows with the factor.
        aspect: what becomes of images that are not square.
        channels: their order.
        decoding: of files, in words and numbers for whoever writes another runtime.
        interpolation: of the resizing.
        layout: order of the axes.
        padding: of the image.
        range: values of black and of white.
        shape: of the tensor.
        stain: how that of a slide is normalised; None: it is not.
        tensor: its name.
        type: of its values.
    """

    antialias: bool
    aspect: str
    channels: str
    decoding: dict[str, JsonValue]
    interpolation: str
    layout: str
    padding: str
    range: tuple[float, float]
    shape: tuple[int, int, int, int]
    stain: dict[str, JsonValue] | None = None
    tensor: str
    type: str


class Output(_Lasting):
    """A tensor that the model returns."""

    meaning: str
    shape: tuple[int, int]
    tensor: str
    type: str


class ClassOutput(Output):
    """The tensor of probabilities.

    Attributes:
        positive: name of that class.
        positive_index: its place in the tensor.
    """

    positive: str
    positive_index: int


class NotedDifference(Difference):
    """A figure of a LiteRT file minus that of the Keras model, on validation cells."""

    model_config = ConfigDict(extra="ignore")


class EdgeFile(_Lasting):
    """A LiteRT file; what its version told nothing of is None.

    Attributes:
        bytes: its size.
        sha256: of its content.
        agreement: share of validation cells with the Keras model's decision.
        largest_difference: to the Keras model's probabilities.
        threshold: the least probability of this file that is called positive; the Keras model's of
            versions that told none.
        differences: by metric, each model at its own threshold.
        no_worse: whether every difference is shown to lie within its margin.
        small_enough: whether it keeps to the most bytes.
        arithmetic: of most layers.
        pieces: that LiteRT's usual kernels cut the network into.
    """

    bytes: int
    sha256: str
    agreement: float
    largest_difference: float | None = None
    threshold: float | None = None
    differences: dict[str, NotedDifference] | None = None
    no_worse: bool | None = None
    small_enough: bool | None = None
    arithmetic: Literal["float32", "int8"] | None = None
    pieces: int | None = None


class Asked(_Lasting):
    """What was asked of a file to be chosen.

    Attributes:
        margins: by metric, how far below the Keras model's its figure may lie at 95 %, one-sided.
        most_bytes: of its size.
    """

    margins: dict[str, float]
    most_bytes: int


class TestedCell(_Lasting):
    """A cell of the self-test.

    Attributes:
        file: below the folder of the export.
        sha256: of its content.
        probability: of the positive class, by model file.
    """

    file: str
    sha256: str
    probability: dict[str, float]


class SelfTest(_Lasting):
    """Cells that show a wrong feed of the model.

    Attributes:
        cells: that a device runs.
        differences: by model file and mistake, the largest difference of probability it makes.
        tolerance: of a probability, by model file.
    """

    cells: tuple[TestedCell, ...]
    differences: dict[str, dict[str, float]]
    tolerance: dict[str, float]


class EdgeMetadata(Record):
    """edge.json: what a device must know of the exported model.

    Devices read it with the code they were given, by its keys: it has no version. What a key means
    never changes; keys that came later are None of an export that lacks them, and are ignored by
    code that does not know them.

    Attributes:
        chosen: name of the file to run.
        classes: names, negative before positive.
        threshold: the least probability of the chosen file that is called positive.
        image_size: pixels a side of the model's input.
        models: by name of the file.
        asked: of the chosen file.
        reason: for the choice, a sentence; None since `asked` and the files tell it in numbers.
        cell: what an image of one cell is like.
        input: how the model is fed.
        operating: what belongs to the threshold: when a person must look, how often it is right.
        least_parasitaemia: share of a patient's cells that must not be missed, which the verdict on
            a patient is about.
        outputs: what it returns: probabilities, embedding.
        self_test: cells that show a wrong feed.
        novelty: how far from the cells that it learned from an embedding is one of a cell.
    """

    model_config = ConfigDict(extra="ignore")

    STAGE: ClassVar[str] = "export"
    NAME: ClassVar[str] = "edge.json"
    VERSION: ClassVar[int | None] = None

    chosen: str
    classes: tuple[str, str]
    threshold: float
    image_size: int
    models: dict[str, EdgeFile]
    asked: Asked | None = None
    reason: str | None = None
    cell: NotedCellLimits | None = None
    input: Input | None = None
    operating: OperatingPoint | None = None
    least_parasitaemia: float | None = None
    outputs: tuple[ClassOutput, Output] | None = None
    self_test: SelfTest | None = None
    novelty: NotedNovelty | None = None

    @property
    def shipped(self) -> EdgeFile:
        """The chosen file."""
        return self.models[self.chosen]


class Shipped(Record):
    """metrics.json: what DVC's tables compare of the chosen file.

    Attributes:
        megabytes: its size, of a million bytes.
        agreement: share of validation cells with the Keras model's decision.
    """

    STAGE: ClassVar[str] = "export"
    NAME: ClassVar[str] = "metrics.json"
    VERSION: ClassVar[int | None] = None  # a number among the figures of a table

    megabytes: float
    agreement: float
