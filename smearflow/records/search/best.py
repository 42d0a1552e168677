"""What a search found."""

from smearflow.ground.record import Record
from smearflow.params.model import Configuration


class Best(Record):
    """The completed trial with the lowest validation loss.

    Attributes:
        val_loss: of its best epoch, nats per cell.
        val_accuracy: of its best epoch.
    """

    STAGE, NAME = "tune", "best.json"

    configuration: Configuration
    trial_id: str
    val_loss: float
    val_accuracy: float
