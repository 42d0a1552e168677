"""What a search found."""

from smearflow.ground.record import Record
from smearflow.params.model import Configuration


class Best(Record):
    """The completed trial with the lowest validation loss, or who won among the best run again.

    Attributes:
        trial_id: None: the defaults won.
        val_loss: of its best epoch, nats per cell; the mean of its runs on fresh seeds, if any.
        val_accuracy: likewise.
    """

    STAGE, NAME = "tune", "best.json"

    configuration: Configuration
    trial_id: str | None
    val_loss: float
    val_accuracy: float
