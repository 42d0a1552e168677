"""How right a model is on parts of the cells that differ in who they are of or how they look."""

from typing import ClassVar, Literal

from smearflow.ground.record import Part, Record
from smearflow.records.figures import Estimate

Dimension = Literal["patient", "stain", "sharpness", "brightness", "cell_area"]


class Slice(Part):
    """A part of the cells.

    Attributes:
        dimension: in which it differs from the rest.
        part: the patient; else a number from 1, of the palest stain or the lowest values.
        low: the least value of its dimension; None where that has no values, and of the first part.
        high: the value that it does not reach; None likewise, and of the last part.
        cells: in it.
        patients: whose they are.
        accuracy: on them.
        sensitivity: likewise.
        specificity: likewise.
        rest: accuracy on all other cells; None where there are none.
        worse: whether its accuracy is lower than that of the rest by more than chance explains.
    """

    dimension: Dimension
    part: str
    low: float | None
    high: float | None
    cells: int
    patients: int
    accuracy: Estimate
    sensitivity: Estimate
    specificity: Estimate
    rest: float | None
    worse: bool

    @property
    def shortfall(self) -> float:
        """By how much its accuracy is lower than that of the rest."""
        return (self.rest or 0.0) - (self.accuracy.value or 0.0)


class Slices(Record):
    """slices.json: figures of every slice of the test side, of the Keras model.

    Attributes:
        interval: what the intervals are, in words.
        stains: mean optical density of red, green and blue in each stain cluster, palest first.
        slices: the worst first.
    """

    STAGE: ClassVar[str] = "evaluate"
    NAME: ClassVar[str] = "slices.json"

    interval: str
    stains: tuple[tuple[float, float, float], ...]
    slices: tuple[Slice, ...]
