"""What an experiment compared."""

import math

from smearflow.ground.record import Part
from smearflow.params.model import Setting


class Spread(Part):
    """Of a quantity over repetitions: None where there is none, or a single one."""

    mean: float | None
    std: float | None


class Alternative(Part):
    """One of the settings that an experiment compares, at its own best.

    Attributes:
        settings: what it is.
        nuisance: the best nuisance values; empty if every setting diverged.
        n: seeds of the best.
        diverged: runs, over all nuisance values.
        val_loss: over the seeds of the best, nats per cell.
        val_accuracy: likewise.
        runs: their ids, over all nuisance values.
        difference: of the mean validation loss from the best alternative's; None for itself and
            where nothing trained.
        needed: the least difference that seeds alone hardly explain; None: it is not known.
    """

    name: str
    settings: Setting
    nuisance: Setting
    n: int
    diverged: int
    val_loss: Spread
    val_accuracy: Spread
    runs: tuple[str, ...]
    difference: float | None = None
    needed: float | None = None

    @property
    def loss(self) -> float:
        """The mean validation loss to rank by: infinite where nothing trained."""
        return math.inf if self.val_loss.mean is None else self.val_loss.mean

    @property
    def is_worse(self) -> bool:
        """Whether it is detectably worse than the best one."""
        if self.difference is None or self.needed is None:
            return False
        return abs(self.difference) > self.needed


class Comparison(Part):
    """An experiment that compares alternatives.

    Attributes:
        name: of the experiment.
        planned: number of runs.
        runs: number of them that are there.
        rows: the alternatives, in the order of the experiment.
    """

    name: str
    planned: int
    runs: int
    rows: tuple[Alternative, ...]
