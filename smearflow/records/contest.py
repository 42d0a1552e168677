"""What a challenge of the model in use showed, as the history of decisions keeps it."""

from typing import Literal

from smearflow.ground.record import Part
from smearflow.records.figures import Difference

Standing = Literal["champion", "floor"]


class Comparison(Part):
    """A challenger minus another model on the same test cells, each at its own threshold.

    Attributes:
        rival: id of the other model.
        standing: the model in use; or, the floor, one that was in use and is the best so far in
            the figures compared.
        site: source of the cells; None: all sites together.
        patients: of the class that fewer of them have, among the classes that are there.
        cells: that both were asked about.
        needed: whether the question stays open where this comparison has too few patients; those
            of other sites then count in all sites together alone.
        new: whether the model in use learned nothing from the site: the challenger did, and should
            be better there.
        differences: by metric.
    """

    rival: str
    standing: Standing
    site: str | None
    patients: int
    cells: int
    needed: bool
    new: bool = False
    differences: dict[str, Difference]


class Trial(Part):
    """What became of a release that was started once.

    Attributes:
        cells: it was asked about.
        load_seconds: until it could be asked.
        p95_ms: of a cell, 95th percentile.
        peak_bytes: of the memory of its process.
        file_bytes: size of the model's file.
    """

    cells: int
    load_seconds: float
    p95_ms: float
    peak_bytes: int
    file_bytes: int
