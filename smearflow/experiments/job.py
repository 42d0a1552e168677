"""A training run to be done."""

from dataclasses import dataclass

from smearflow.ground.settings import fingerprint
from smearflow.params.model import Configuration


@dataclass(frozen=True)
class Job:
    """One training run.

    Attributes:
        configuration: complete.
        seed: of the head, the order of the cells and their variations.
        train_fraction: of the training patients.
        salt: chooses which of them.
    """

    configuration: Configuration
    seed: int
    train_fraction: float
    salt: str

    @property
    def id(self) -> str:
        """12 hex digits, a hash of everything above."""
        settings = self.configuration.model_dump(mode="json")
        return fingerprint([settings, self.seed, self.train_fraction, self.salt])[:12]
