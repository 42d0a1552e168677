"""The trials of a search."""

import math
from typing import Literal

from smearflow.ground.record import Part, Record
from smearflow.params.model import Configuration


class TrialRecord(Part):
    """A configuration that was tried.

    Attributes:
        val_loss: of its best epoch, nats per cell; None if it failed.
        val_accuracy: of its best epoch; None if it failed.
        curve: of each of `smearflow.model.curves.SERIES` a value per epoch; None: not finite.
        message: why it failed; None if it completed.
    """

    trial_id: str
    status: Literal["COMPLETED", "FAILED"]
    configuration: Configuration
    val_loss: float | None
    val_accuracy: float | None
    curve: dict[str, list[float | None]]
    message: str | None

    @property
    def loss(self) -> float:
        """`val_loss` to rank by: infinite where it failed."""
        return math.inf if self.val_loss is None else self.val_loss


class AtBound(Part):
    """A bound of the space at which the best trial lay.

    Attributes:
        after: where it moved to; None: it stayed, as nothing was allowed beyond it or no trial was
            left.
        trials: done until then.
    """

    name: str
    side: Literal["down", "up"]
    before: int | float
    after: int | float | None
    trials: int


class Trials(Record):
    """All trials, in order.

    Attributes:
        at_bounds: what became of the bounds at which the best trial lay.
    """

    STAGE, NAME = "tune", "trials.json"

    trials: tuple[TrialRecord, ...]
    at_bounds: tuple[AtBound, ...] = ()
