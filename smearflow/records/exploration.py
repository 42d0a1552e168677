"""What the stage explore leaves: every run, and the histograms of its weights."""

import math
from typing import ClassVar, Literal

from smearflow.ground.record import Part, Record
from smearflow.params.model import Configuration, Setting


class Guesses(Part):
    """Losses of the best answer that is the same for every cell, nats per cell.

    Attributes:
        train: on the training cells.
        validation: on the validation side.
    """

    train: float
    validation: float


COIN = Guesses(train=math.log(2), validation=math.log(2))
"""Where both classes are as frequent, as they were taken to be by runs that tell no guess."""


class RunRecord(Part):
    """One training run.

    Attributes:
        id: 12 hex digits, of all that decides the run.
        experiments: names of those that use it.
        seed: of the head, the order of the cells and their variations.
        best_epoch: the one with the lowest validation loss, from 1; None if no epoch ended.
        val_loss: of the best epoch, nats per cell, each patient counting the same and the classes
            as in the loss; None if no epoch ended.
        val_accuracy: of the best epoch, likewise.
        steps: of the optimizer, over all epochs.
        guessing: the losses of answers that are the same for every cell.
        curve: of each of `smearflow.model.curves.SERIES` a value per epoch; None: not finite.
        weight_change: per landmark of the network |w - w0| / |w0|; None: not finite.
    """

    id: str
    experiments: tuple[str, ...]
    configuration: Configuration
    seed: int
    status: Literal["completed", "diverged"]
    best_epoch: int | None
    val_loss: float | None
    val_accuracy: float | None
    steps: int
    guessing: Guesses = COIN
    curve: dict[str, list[float | None]]
    weight_change: dict[str, float | None]

    @property
    def loss(self) -> float:
        """`val_loss` to rank by: infinite where no epoch ended."""
        return math.inf if self.val_loss is None else self.val_loss

    @property
    def settings(self) -> Setting:
        """Its configuration, field by field."""
        return self.configuration.model_dump(mode="json")


class Runs(Record):
    """The runs, in the order of the experiments that planned them."""

    STAGE, NAME = "explore", "runs.json"

    runs: tuple[RunRecord, ...]


class Histogram(Part):
    """How often weights have which size.

    Attributes:
        low, high: the smallest and the largest weight.
        counts: of weights in equal bins between them.
    """

    low: float
    high: float
    counts: tuple[int, ...]


Landmarks = dict[str, tuple[Histogram, ...]]
"""Per landmark of a network a histogram before training, and one after each epoch."""


class Histograms(Record):
    """Those of every run, by its id."""

    STAGE, NAME = "explore", "histograms.json"
    COMPACT: ClassVar[bool] = True

    runs: dict[str, Landmarks]
