"""What one look at the test set showed."""

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import ConfigDict, Field

from smearflow.ground.record import Part, Record
from smearflow.records.patients import FalsePositives, PatientFigures
from smearflow.records.training import Target


class Estimate(Part):
    """A figure with its interval; None where undefined."""

    value: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        """`0.958 (0.949-0.966)`."""
        parts = (self.value, self.low, self.high)
        value, low, high = ("undefined" if part is None else f"{part:.3f}" for part in parts)
        return f"{value} ({low}-{high})"


class Difference(Estimate):
    """A difference of two figures with its interval, and what it is at least.

    Attributes:
        at_least: lower bound of a one-sided interval; None where undefined.
    """

    at_least: float | None

    def no_worse_by(self, margin: float) -> bool:
        """Whether it is shown to be no lower than minus a margin."""
        return self.at_least is not None and self.at_least >= -margin


Estimates = dict[str, Estimate]
"""By metric of `evaluation.metrics.METRICS`."""


class Confusion(Part):
    """Numbers of true negatives, false positives, false negatives and true positives."""

    tn: int
    fp: int
    fn: int
    tp: int


Interval = tuple[float | None, float | None]


class ConfusionIntervals(Part):
    """The interval of each number of cells; None where undefined."""

    tn: Interval
    fp: Interval
    fn: Interval
    tp: Interval


class AtPrevalence(Part):
    """Precision where some share of the cells is positive: positive predictive value.

    Attributes:
        prevalence: that share.
        stated: whether problem.prevalence says so; else it is that of the test side.
        model: of the Keras model.
        edge: of the edge model.
    """

    prevalence: float
    stated: bool
    model: Estimate
    edge: Estimate


class OverPatients(Part):
    """Accuracy where each patient counts alike, however many cells there are of it.

    Attributes:
        accuracy: mean over patients.
        worst_tenth: mean over the tenth of the patients with the lowest.
    """

    accuracy: Estimate
    worst_tenth: Estimate


class DetectionLimit(Part):
    """The smallest parasitaemia that can be told from none.

    Attributes:
        cells: of a patient.
        parasitaemia: share of them; None: not even if all are infected.
    """

    cells: int
    parasitaemia: float | None


class Patients(Part):
    """What a model is worth for a patient.

    Attributes:
        model: accuracy of the Keras model.
        edge: that of the edge model.
        false_positives: of the Keras model; None: every patient has parasites.
        detection: of the Keras model, with its errors on validation patients.
        least_parasitaemia: that must not be missed.
    """

    model: OverPatients
    edge: OverPatients
    false_positives: FalsePositives | None
    detection: tuple[DetectionLimit, ...]
    least_parasitaemia: float


class Answered(Part):
    """What becomes of cells where a person looks at those that the model is not sure of.

    Attributes:
        coverage: share of the cells that the model answers.
        error: share of these that is answered wrongly.
        missed: share of the positive cells that is answered negative.
        false: share of the negative cells that is answered positive.
    """

    coverage: Estimate
    error: Estimate
    missed: Estimate
    false: Estimate


class InCompany(Part):
    """What a model is worth where each cell is judged in the company of its patient's.

    Attributes:
        usual_share: of positive cells among those that the network learned from.
        threshold: least probability, in company, that is called positive.
        pooled: over all cells.
        by_patient: each patient counting the same.
    """

    usual_share: float
    threshold: float
    pooled: Estimates
    by_patient: PatientFigures


class Payoff(Part):
    """What exploration and search gained: the model beside the default on the same test cells.

    Both were trained on the same cells, and nothing is chosen by it.

    Attributes:
        outcome: same: what was found is the default; diverged: the default did.
        default: figures of the default; empty where there is none to compare.
        gains: model minus default, of the same resamples of patients; likewise.
    """

    outcome: Literal["compared", "same", "diverged"]
    default: dict[str, float | None] = Field(default_factory=dict)
    gains: dict[str, Difference] = Field(default_factory=dict)


class Figures(Record):
    """metrics.json: figures on the test side, of the Keras model and of the edge model.

    Attributes:
        cells: looked at.
        patients: whose cells they are.
        threshold: the least probability that is called positive, of the Keras model.
        edge_threshold: of the edge model; None: the same, of earlier versions.
        model: figures of the Keras model.
        edge: figures of the edge model.
        validation: of the Keras model on the validation side, where the threshold was chosen; None,
            here and below: told by no earlier version.
        calibrated: calibration error and Brier score of the Keras model's calibrated probabilities.
        answered: by the Keras model, within its limits.
        by_patient: what the models are worth for a patient.
        in_company: of the Keras model; None, too, where no two cells have a patient in common.
        at_prevalence: precision where the model will be used.
        payoff: what exploration and search gained.
        interval: what the intervals are, in words.
        confusion: of the Keras model.
        confusion_intervals: likewise.
        targets: of the test side.
        overridden: whether the look was taken although the model had not earned it.
        overridden_reasons: against the look, a sentence each.
        edge_sha256: of the edge model's file.
        model_sha256: of the Keras model's folder.
        test_sha256: of the test side.
    """

    STAGE: ClassVar[str] = "evaluate"
    NAME: ClassVar[str] = "metrics.json"
    UNNAMED: ClassVar[int | None] = 1

    cells: int
    patients: int
    threshold: float
    edge_threshold: float | None = None
    model: Estimates
    edge: Estimates
    validation: Estimates | None = None
    calibrated: Estimates | None = None
    answered: Answered | None = None
    by_patient: Patients | None = None
    in_company: InCompany | None = None
    at_prevalence: AtPrevalence | None = None
    payoff: Payoff | None = None
    interval: str
    confusion: Confusion
    confusion_intervals: ConfusionIntervals
    targets: tuple[Target, ...]
    overridden: bool
    overridden_reasons: tuple[str, ...]
    edge_sha256: str
    model_sha256: str
    test_sha256: str


class Look(Part):
    """Who looked at what: the keys that figures of every version have.

    Attributes:
        model_sha256: of the Keras model's folder.
        test_sha256: of the test side.
    """

    model_config = ConfigDict(extra="ignore")

    model_sha256: str
    test_sha256: str

    @classmethod
    def of(cls, file: Path) -> Self:
        """That of a file of figures, wherever it is kept.

        Raises:
            ValueError: it holds none.
        """
        return cls.model_validate_json(file.read_text())
