"""Cells for which it was measured what the model looks at."""

from typing import ClassVar, Literal

from smearflow.ground.record import Part, Record

Reason = Literal["false negative", "false positive", "borderline"]
MAPS = "occlusion.npy"  # beside the record


class ExplainedCell(Part):
    """A cell of the test side.

    Attributes:
        index: its row there.
        reason: why it was chosen: a mistake the model is sure of, or near the threshold.
    """

    index: int
    reason: Reason


class Explained(Record):
    """explained.json: the cells of the maps in MAPS, float32 [k, m, m], in the same order.

    A map has, for m x m places of a patch that hides a part of the cell, the probability of the
    positive class without the patch less that with it: above 0 where what is hidden speaks for the
    positive class.

    Attributes:
        patch: its side in pixels.
    """

    STAGE: ClassVar[str] = "evaluate"
    NAME: ClassVar[str] = "explained.json"

    patch: int
    cells: tuple[ExplainedCell, ...]
