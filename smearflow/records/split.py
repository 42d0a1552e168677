"""What the stage split tells of the sides."""

from typing import ClassVar

from smearflow.ground.record import Part, Record
from smearflow.params.ingest import Group


class SideFacts(Part):
    """A side of the split.

    Attributes:
        cells: on it.
        patients: whose cells they are.
        positive: cells of that class.
        negative: likewise.
        sha256: of its pixels and table.
    """

    cells: int
    patients: int
    positive: int
    negative: int
    sha256: str


class Sides(Part):
    """The three sides."""

    train: SideFacts
    validation: SideFacts
    test: SideFacts


class Split(Record):
    """summary.json: the sides, and what is on none of them.

    Attributes:
        image_size: pixels a side of a packed cell.
        stain_normalised: whether each slide has the usual stain.
        classes: names, negative before positive.
        grouped_by: by source what is on one side only.
        sides: that were packed.
        quarantined: images left out by validate, or with a corrected label.
        left_out: images that can't be decoded.
        without_patient: images of which no group is known, in a source that has groups.
    """

    STAGE: ClassVar[str] = "split"
    NAME: ClassVar[str] = "summary.json"

    image_size: int
    stain_normalised: bool = False
    classes: tuple[str, str]
    grouped_by: dict[str, Group]
    sides: Sides
    quarantined: int
    left_out: int
    without_patient: int
