"""What the final training leaves beside its model."""

from typing import ClassVar, Literal

from smearflow.ground.record import Part, Record
from smearflow.params.model import Configuration
from smearflow.records.operating import OperatingPoint


class Target(Part):
    """A target beside what was reached.

    Attributes:
        side: of the split.
        metric: that it is about.
        target: the least value that meets it.
        value: reached; None where the metric is undefined, which meets nothing.
        met: whether it is.
    """

    side: Literal["validation", "test"]
    metric: str
    target: float
    value: float | None
    met: bool


class Metrics(Part):
    """Figures of a classifier on a set of cells, `evaluation.metrics`; None where undefined."""

    accuracy: float | None
    sensitivity: float | None
    specificity: float | None
    precision: float | None
    f1: float | None
    mcc: float | None
    roc_auc: float | None
    pr_auc: float | None
    calibration_error: float | None
    brier: float | None


class Training(Record):
    """summary.json: what was trained, and how good it is on the validation side.

    Attributes:
        configuration: it was trained with.
        model_sha256: of the model's folder.
        threshold: the least probability that is called positive.
        operating: what belongs to that threshold.
        validation: figures at that threshold.
        targets: of the validation side.
        diagnosis: of the curve, in a few words.
        arithmetic: what decided the last bits: processor, threads, versions.
    """

    STAGE: ClassVar[str] = "train"
    NAME: ClassVar[str] = "summary.json"
    VERSION: ClassVar[int | None] = 2

    configuration: Configuration
    model_sha256: str
    threshold: float
    operating: OperatingPoint
    validation: Metrics
    targets: tuple[Target, ...]
    diagnosis: str
    arithmetic: dict[str, str]


class DefaultTraining(Record):
    """default.json: the default configuration, trained on the same cells as what was found.

    Its model is in the folder `default`, where it was trained.

    Attributes:
        configuration: it was trained with.
        outcome: same: what was found is the default, and was not trained twice.
        threshold: the least probability that is called positive; None where it was not trained.
        validation: figures at that threshold; likewise.
    """

    STAGE: ClassVar[str] = "train"
    NAME: ClassVar[str] = "default.json"
    MODEL: ClassVar[str] = "default"

    configuration: Configuration
    outcome: Literal["trained", "same", "diverged"]
    threshold: float | None = None
    validation: Metrics | None = None


class FinalCurve(Part):
    """A value per epoch; None where one is not finite.

    Attributes:
        loss: of training, nats per cell.
        accuracy: of training.
        val_loss: nats per cell.
        val_accuracy: of the validation side.
        learning_rate: in use at the end of the epoch.
        gradient_norm: the largest of the epoch, before clipping.
    """

    loss: tuple[float | None, ...]
    accuracy: tuple[float | None, ...]
    val_loss: tuple[float | None, ...]
    val_accuracy: tuple[float | None, ...]
    learning_rate: tuple[float | None, ...]
    gradient_norm: tuple[float | None, ...]


class History(Record):
    """history.json: how the training went.

    Attributes:
        curve: of all epochs.
        diagnosis: of the curve, in a few words.
        best_epoch: whose weights were kept, counted from 1.
        epochs: that ended.
        weight_change: |w - w0| / |w0| of some weights; None: not finite.
    """

    STAGE: ClassVar[str] = "train"
    NAME: ClassVar[str] = "history.json"

    curve: FinalCurve
    diagnosis: str
    best_epoch: int
    epochs: int
    weight_change: dict[str, float | None]


class ValidationMetrics(Metrics, Record):
    """metrics.json: what DVC's tables compare of runs, of the validation side alone.

    Attributes:
        learning_rate: of the configuration.
    """

    STAGE: ClassVar[str] = "train"
    NAME: ClassVar[str] = "metrics.json"
    VERSION: ClassVar[int | None] = None  # a number among the figures of a table

    learning_rate: float
