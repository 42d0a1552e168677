"""What became of a window of new cells."""

from typing import ClassVar, Literal

from smearflow.ground.record import Part, Record
from smearflow.records.validation import Checks

Judgement = Literal["no window", "too few cells", "invalid window", "not judged", "drift", "stable"]


class NoCell(Part):
    """An image that can't be of one cell, and why."""

    file: str
    no_cell: str


class Repeat(Part):
    """An image that shows the same as an earlier one."""

    file: str
    repeat_of: str


class Undecodable(Part):
    """A file that can't be decoded, and why."""

    file: str
    error: str


class WindowFacts(Part):
    """The files of a window.

    Attributes:
        files: number.
        cells: those that can be decoded.
        patients: that the compared ones are taken for.
        sha256: of paths and contents.
        no_cells: number of images that can't be of one cell.
        no_cell_files: the first of them.
        repeats: number of images that show the same as an earlier one.
        repeat_files: the first of them.
        undecodable: number.
        undecodable_files: the first of them.
    """

    files: int
    cells: int
    patients: int
    sha256: str
    no_cells: int
    no_cell_files: tuple[NoCell, ...]
    repeats: int
    repeat_files: tuple[Repeat, ...]
    undecodable: int
    undecodable_files: tuple[Undecodable, ...]


class DriftScore(Part):
    """How far a window is from the baseline in one respect.

    Attributes:
        group: what is looked at.
        name: the column, or columns, compared.
        method: how.
        score: the distance; None where so few cells do not tell.
        limit: the largest usual distance; None where so few cells do not tell.
        drifted: whether the score is beyond it.
    """

    group: str
    name: str
    method: str
    score: float | None
    limit: float | None
    drifted: bool

    @property
    def share(self) -> float | None:
        """The score as a share of its limit; None where it is not judged."""
        return None if self.score is None or self.limit is None else self.score / self.limit


class Verdict(Record):
    """verdict.json: what a window is, and what is concluded.

    Attributes:
        verdict: first that applies: `no window` (no files), `too few cells` (decodable), `invalid
            window` (a critical check fails), `too few cells` (to compare), `not judged` (the
            baseline has too few cells for limits), `drift`, `stable`.
        alerts: sentences, the files' first.
        notes: what the verdict rests on, in sentences; no alerts.
        window: the files.
        checks: of the window's table; None without files.
        scores: none of a window that is not compared.
        share: of the judged scores, those that drifted.
        predicted_positive_share: of the cells compared; None without any.
        model_sha256: of the edge model's file.
        stand_in: whether the test patients' cells stand in for a window.
    """

    STAGE: ClassVar[str] = "monitor"
    NAME: ClassVar[str] = "verdict.json"

    verdict: Judgement
    alerts: tuple[str, ...]
    notes: tuple[str, ...]
    window: WindowFacts
    checks: Checks | None
    scores: tuple[DriftScore, ...]
    share: float
    predicted_positive_share: float | None
    model_sha256: str
    stand_in: bool


class ComparedCells(Part):
    """Numbers of cells compared."""

    window: int
    baseline: int


class Distribution(Part):
    """One quantity of both.

    Attributes:
        edges: [b + 1], of the bins.
        window: [b], share of its cells in each bin.
        baseline: [b], likewise.
    """

    edges: tuple[float, ...]
    window: tuple[float, ...]
    baseline: tuple[float, ...]


class Distributions(Record):
    """distributions.json: of a window that could be judged.

    Attributes:
        cells: compared.
        columns: by name of the number compared.
    """

    STAGE: ClassVar[str] = "monitor"
    NAME: ClassVar[str] = "distributions.json"

    cells: ComparedCells
    columns: dict[str, Distribution]
