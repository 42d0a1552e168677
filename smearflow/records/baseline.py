"""What the stage baseline notes beside its reference cells and their projection."""

from typing import ClassVar

from smearflow.ground.record import Part, Record


class NotedLimits(Part):
    """Drift limits of windows of some patients.

    Attributes:
        values: by score; None where too few cells tell one.
        patients: in a window.
        resamples: windows compared; 0 where none could be made.
        false_alarm_rate: share of those windows that would have raised an alert.
    """

    values: dict[str, float | None]
    patients: int
    resamples: int
    false_alarm_rate: float


class NotedSite(Part):
    """What a baseline notes of the images of a site.

    Attributes:
        name: their source; None: all sites together.
        cells: whose statistics are kept, of training and validation patients.
        patients: of these.
        limits: of image statistics, by rising number of patients in a window.
    """

    name: str | None
    cells: int
    patients: int
    limits: tuple[NotedLimits, ...]


class PatientSpread(Part):
    """A share of cells, and how it differs from patient to patient.

    Attributes:
        value: of all cells.
        patient_mean: of the patients' own shares; the others likewise.
    """

    value: float
    patient_mean: float
    patient_standard_deviation: float
    patient_lowest: float
    patient_highest: float


class Expected(Part):
    """What to expect of the edge model: its performance on the test cells.

    Attributes:
        cells: number.
        patients: number.
        accuracy: share of cells called right.
        positive_share: share of cells called positive.
    """

    cells: int
    patients: int
    accuracy: PatientSpread
    positive_share: PatientSpread


class BaselineNotes(Record):
    """baseline.json: what a baseline is but its arrays.

    Attributes:
        cells: of the reference.
        patients: of the reference.
        statistics: the image statistics compared.
        classes: names, negative before positive.
        threshold: of the edge model.
        model_sha256: of the edge model's file.
        limits: by rising number of patients in a window, of what the model says.
        expected: performance.
        sites: all together first; none of an earlier version, whose limits are of images, too.
    """

    STAGE: ClassVar[str] = "baseline"
    NAME: ClassVar[str] = "baseline.json"
    UNNAMED: ClassVar[int | None] = 1  # champions of earlier versions are kept for ever

    cells: int
    patients: int
    statistics: tuple[str, ...]
    classes: tuple[str, str]
    threshold: float
    model_sha256: str
    limits: tuple[NotedLimits, ...]
    expected: Expected
    sites: tuple[NotedSite, ...] = ()
