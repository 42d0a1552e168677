"""What a training run is asked to do, and what is kept of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smearflow.params import Configuration, fingerprint

Record = dict[str, Any]
"""JSON: status, curve, best_epoch, val_loss, val_accuracy, steps, weight_change, as in a `Run`."""


def describe_outcome(record: Record) -> str:
    """What came out of a run, in a few words."""
    if record["status"] == "diverged":
        return "diverged"
    return f"val_loss {record['val_loss']:.4f}"


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


@dataclass(frozen=True)
class Bench:
    """What the runs of a stage share.

    Attributes:
        split: folder of the packed sides train and validation.
        backbone: folder of the module.
        input_range: what the module expects for 0 and 255.
        work: existing folder that belongs to exactly these inputs: `<id>.json` of finished runs,
            `features/` of the frozen backbone.
        logs: whether TensorBoard's files of a run are written to `<id>/`.
    """

    split: Path
    backbone: Path
    input_range: tuple[float, float]
    work: Path
    logs: bool = False

    def record_file(self, job: Job) -> Path:
        """Where a finished run's record is."""
        return self.work / f"{job.id}.json"

    def log_folder(self, job: Job) -> Path:
        """Where a run's files for TensorBoard are."""
        return self.work / job.id
