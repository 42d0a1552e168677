"""What became of a window of new cells."""

from typing import ClassVar, Literal

from smearflow.ground.record import Part, Record
from smearflow.records.drift import Family, Method
from smearflow.records.validation import Checks

Judgement = Literal["no window", "too few cells", "invalid window", "not judged", "drift", "stable"]


class NoCell(Part):
    """An image that can't be of one cell, and why."""

    file: str
    no_cell: str


class NoCellKind(Part):
    """What images are that can't be of one cell, such as `black`, and how many are so."""

    kind: str
    images: int


class Repeat(Part):
    """An image that shows the same as an earlier one."""

    file: str
    repeat_of: str


class Undecodable(Part):
    """A file that can't be decoded, and why."""

    file: str
    error: str


class PatientNames(Part):
    """What the names of the compared cells' files tell of patients.

    Attributes:
        patients: that they tell.
        cells: whose names tell one.
        unnamed: cells whose names tell none.
        usual: cells of a patient in the baseline, the median over its cells.
    """

    patients: int
    cells: int
    unnamed: int
    usual: float


class WindowFacts(Part):
    """The files of a window.

    Attributes:
        files: number.
        cells: those that can be decoded.
        compared: those of them that can be one cell and repeat none.
        patients: that the compared ones are taken for: 1 where their names number the cells.
        names: what the names tell of patients.
        sha256: of paths and contents.
        no_cells: number of images that can't be of one cell.
        no_cell_kinds: what they are, the most frequent first.
        no_cell_files: the first of them.
        repeats: number of images that show the same as an earlier one.
        repeat_files: the first of them.
        undecodable: number.
        undecodable_files: the first of them.
    """

    files: int
    cells: int
    compared: int
    patients: int
    names: PatientNames
    sha256: str
    no_cells: int
    no_cell_kinds: tuple[NoCellKind, ...]
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
        window: mean of the cells compared; of labels the share called positive; None of embeddings.
        baseline: likewise.
        deviation: standard deviation in the baseline; None of labels and of embeddings.
    """

    group: Family
    name: str
    method: Method
    score: float | None
    limit: float | None
    drifted: bool
    window: float | None
    baseline: float | None
    deviation: float | None

    @property
    def share(self) -> float | None:
        """The score as a share of its limit; None where it is not judged."""
        return None if self.score is None or self.limit is None else self.score / self.limit


class Evidence(Part):
    """One quantity in which a patient is unlike the usual ones.

    Attributes:
        group: what is looked at.
        name: the quantity; `embedding` of all its components together.
        patient: mean of the patient's cells; None of embeddings.
        usual: mean of the usual patients' means; None of embeddings.
        deviations: how far away, in standard deviations of the usual patients' means; of
            embeddings the root of the mean square over components.
    """

    group: Family
    name: str
    patient: float | None
    usual: float | None
    deviations: float


class JudgedPatient(Part):
    """A patient of a window beside those whose cells the model judges well.

    Attributes:
        patient: the name; empty of cells whose names tell nobody.
        cells: compared.
        p_value: share of usual patients, this one counted, that are as strange or stranger.
        flagged: whether the patient is stranger than all but a few usual ones.
        scores: by kind: how strange; what is noted of a patient for the test over time.
        evidence: the furthest quantity of each kind, the furthest first.
        accuracy: estimated share of the cells called right; None where no estimate is valid.
    """

    patient: str
    cells: int
    p_value: float
    flagged: bool
    scores: dict[Family, float]
    evidence: tuple[Evidence, ...]
    accuracy: float | None


class EstimatedAccuracy(Part):
    """Accuracy of a window without labels.

    Attributes:
        value: estimated share of cells called right; the mean over patients.
        low: of a 95 % interval; `high` likewise.
        expected: of the baseline's patients, with labels.
        patients: that the estimate is of.
        invalid: patients whose cells are unlike any that the estimate was calibrated on.
        harmful: whether even `high` is below what is expected by more than a margin.
        harmless: whether not even `low` is, and the estimate is valid for every patient.
    """

    value: float
    low: float
    high: float
    expected: float
    patients: int
    invalid: int
    harmful: bool
    harmless: bool


class JudgedPatients(Part):
    """The patients of a window, each by itself.

    Attributes:
        site: whose patients say what is usual, that of the verdict; None: those of all sites.
        usual: patients of it in the baseline whose cells the model judges well.
        enough: whether they say it: else no patient is judged.
        rate: share of such patients who are flagged all the same, at most.
        confidence: that it is no more.
        few_cells: patients of the window with too few cells to be judged.
        least_cells: of a patient who is judged.
        patients: the judged ones, the strangest first.
        accuracy: of all of them; None where no estimate is valid.
        usual_scores: of all patients of the baseline, by kind, for the test over time.
    """

    site: str | None = None
    usual: int
    enough: bool = True
    rate: float
    confidence: float
    few_cells: int
    least_cells: int
    patients: tuple[JudgedPatient, ...]
    accuracy: EstimatedAccuracy | None
    usual_scores: dict[Family, tuple[float, ...]]

    @property
    def flagged(self) -> tuple[JudgedPatient, ...]:
        """Those unlike what the model judges well."""
        return tuple(each for each in self.patients if each.flagged)


class Verdict(Record):
    """verdict.json: what a window is, and what is concluded.

    `smearflow.report.drift.verdict` has the sentences.

    Attributes:
        verdict: first that applies: `no window` (no files), `too few cells` (decodable), `invalid
            window` (a critical check fails), `too few cells` (to compare), `not judged` (the
            baseline has too few cells for limits), `drift`, `stable`.
        classes: names, negative before positive.
        least_cells: below which there is no verdict.
        window: the files.
        checks: of the window's table; None without files.
        scores: none of a window that is not compared.
        site: source of the training and validation cells that its images were compared with, the
            ones most like them; None: those of all sites together.
        share: of the judged scores, those that drifted.
        predicted_positive_share: of the cells compared; None without any.
        model_sha256: of the edge model's file.
        stand_in: whether the test patients' cells stand in for a window.
        patients: each by itself; None of a window that is not compared, and where the baseline
            does not tell what is usual of a patient.
    """

    STAGE: ClassVar[str] = "monitor"
    NAME: ClassVar[str] = "verdict.json"
    VERSION: ClassVar[int | None] = 5  # 4 judged patients by those of all sites, 3 windows, too

    verdict: Judgement
    classes: tuple[str, str]
    least_cells: int
    window: WindowFacts
    checks: Checks | None
    scores: tuple[DriftScore, ...]
    site: str | None
    share: float
    predicted_positive_share: float | None
    model_sha256: str
    stand_in: bool
    patients: JudgedPatients | None

    @property
    def judged(self) -> tuple[DriftScore, ...]:
        """The scores that enough cells tell."""
        return tuple(score for score in self.scores if score.share is not None)


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
