"""A training run to be done."""

from dataclasses import dataclass

from smearflow.ground.settings import fingerprint
from smearflow.params.model import Configuration


@dataclass(frozen=True)
class Fold:
    """Patients of the sides train and validation together, dealt into folds.

    Attributes:
        number: of the fold that a run is judged by and does not learn from, from 0.
        of: how many there are.
    """

    number: int
    of: int


@dataclass(frozen=True)
class Job:
    """One training run.

    Attributes:
        configuration: complete.
        seed: of the head, the order of the cells and their variations.
        train_fraction: of the training patients.
        salt: chooses which of them.
        fold: which patients judge; None: those of the validation side.
    """

    configuration: Configuration
    seed: int
    train_fraction: float
    salt: str
    fold: Fold | None = None

    @property
    def id(self) -> str:
        """12 hex digits, a hash of everything above."""
        settings = self.configuration.model_dump(mode="json")
        dealt = [] if self.fold is None else [self.fold.number, self.fold.of]
        return fingerprint([settings, self.seed, self.train_fraction, self.salt, *dealt])[:12]
