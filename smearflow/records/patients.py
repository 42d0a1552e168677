"""What a model is worth to each patient, which no pooled figure shows."""

from smearflow.ground.record import Part


class PatientAccuracy(Part):
    """Share of a patient's cells that are called right."""

    patient: str
    cells: int
    accuracy: float


class Below(Part):
    """The patients whose accuracy is below a limit, the worst first."""

    limit: float
    patients: tuple[str, ...]


class FalsePositives(Part):
    """Cells called positive among 1,000 of a patient who has no positive cell.

    Attributes:
        patients: of that kind.
        median: over these patients.
        mean: likewise.
        worst: the largest.
        worst_patient: whose it is.
    """

    patients: int
    median: float
    mean: float
    worst: float
    worst_patient: str


class PatientFigures(Part):
    """Accuracy by patient, each counting the same however many cells there are of them.

    Attributes:
        patients: looked at.
        mean: accuracy over patients.
        worst_tenth: mean accuracy of the worst tenth of the patients, of at least one.
        worst: the patient with the lowest accuracy.
        below: for each limit, the highest first.
        false_positives: per 1,000 cells; None where every patient has a positive cell.
    """

    patients: int
    mean: float
    worst_tenth: float
    worst: PatientAccuracy
    below: tuple[Below, ...]
    false_positives: FalsePositives | None
