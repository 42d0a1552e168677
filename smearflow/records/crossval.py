"""What a cross-validation came to."""

from smearflow.ground.record import Part
from smearflow.params.model import Configuration
from smearflow.records.figures import Estimates, InCompany
from smearflow.records.patients import PatientFigures


class Fold(Part):
    """Patients held out together."""

    fold: int
    cells: int
    patients: int
    accuracy: float


class SeedFigures(Part):
    """Every cell predicted once, by networks trained with one seed.

    Attributes:
        seed: of the training.
        folds: in order.
        pooled: over the cells of all folds.
        by_patient: likewise.
        in_company: where each cell is judged in the company of its patient's.
    """

    seed: int
    folds: tuple[Fold, ...]
    pooled: Estimates
    by_patient: PatientFigures
    in_company: InCompany


class Spread(Part):
    """A figure over the seeds; None where undefined, and the deviation of a single seed."""

    mean: float | None
    std: float | None


class LabelNoise(Part):
    """How many labels are wrong, as far as predictions of cells never trained on tell.

    An estimate, no count: mistakes that the network is sure of pass for wrong labels, and where
    labels of one class are wrong far more often than those of the other, too few are told.

    Attributes:
        cells: looked at.
        likely_wrong: of these, listed one by one.
        noise: estimated share of wrong labels.
        disputed: estimated share that two independent looks would label differently.
        ceiling: the accuracy that a network without any mistake would have by these labels.
    """

    cells: int
    likely_wrong: int
    noise: float
    disputed: float
    ceiling: float


class CrossvalFigures(Part):
    """crossval.json: the figures of a cross-validation.

    Attributes:
        configuration: that was trained.
        fold_seed: of the folds, which are the same for every seed of the training.
        threshold: least probability that is called positive.
        interval: what the intervals are, in words.
        seeds: of the training, in order.
        spread: over them, by metric, and `mean_over_patients` and `worst_tenth`.
        labels: by the mean probability over the seeds.
    """

    configuration: Configuration
    fold_seed: int
    threshold: float
    interval: str
    seeds: tuple[SeedFigures, ...]
    spread: dict[str, Spread]
    labels: LabelNoise
