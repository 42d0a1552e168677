"""What a training run is asked to do, and what is kept of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from smearflow.experiments.job import Job
from smearflow.ground.files import write_json
from smearflow.ground.record import Part
from smearflow.model.backbone import backbone_of
from smearflow.model.callbacks import WeightCounts
from smearflow.model.curves import Curve
from smearflow.model.weighting import Guessing
from smearflow.params.machine import Locations
from smearflow.params.model import Learning


class RunResult(Part):
    """What is kept of a `smearflow.model.fit.FitResult`: all of it but its model."""

    status: Literal["completed", "diverged"]
    best_epoch: int | None
    val_loss: float | None
    val_accuracy: float | None
    steps: int
    curve: Curve
    guessing: Guessing
    weight_change: dict[str, float | None]
    histograms: dict[str, list[WeightCounts]]


def describe_outcome(result: RunResult) -> str:
    """What came out of a run, in a few words."""
    if result.status == "diverged":
        return "diverged"
    return f"val_loss {result.val_loss:.4f}"


@dataclass(frozen=True)
class Finished:
    """A job that is done.

    Attributes:
        seconds: it took.
        earlier: whether an earlier, interrupted process had finished it.
    """

    job: Job
    result: RunResult
    seconds: float
    earlier: bool

    @property
    def spent(self) -> float | None:
        """Seconds that this process's work on it took; None if an earlier one had finished it."""
        return None if self.earlier else self.seconds


@dataclass(frozen=True)
class Bench:
    """What the runs of a stage share.

    Attributes:
        split: folder of the packed sides train and validation.
        backbone: folder of the module.
        input_range: what the module expects for 0 and 255.
        least_class_share: of `weighting.class_weights`.
        work: existing folder that belongs to exactly these inputs: `<id>.json` of finished runs,
            `features/` of the frozen backbone.
        validation_cells: of each validation patient at most; None: all.
        logs: whether TensorBoard's files of a run are written to `<id>/`.
    """

    split: Path
    backbone: Path
    input_range: tuple[float, float]
    least_class_share: float
    work: Path
    validation_cells: int | None = None
    logs: bool = False

    def sort_out(self, jobs: Iterable[Job]) -> tuple[list[Finished], list[Job]]:
        """Each different job once: those that an earlier process finished, and those to be run."""
        different = {job.id: job for job in jobs}.values()
        found = {job.id: self.finished(job) for job in different}
        return [each for each in found.values() if each], [
            job for job in different if not found[job.id]
        ]

    def finished(self, job: Job) -> Finished | None:
        """A job that was finished by an earlier process; None if it was not."""
        file = self._file(job)
        if not file.is_file():
            return None
        kept = json.loads(file.read_text())
        result = RunResult.model_validate(kept["result"])
        return Finished(job, result, kept["seconds"], earlier=True)

    def keep(self, job: Job, result: RunResult, seconds: float) -> Finished:
        """Write down what a job gave, whole or not at all.

        Returns:
            What is written there, so that nothing depends on who read it when: JSON has an order of
            its own.
        """
        kept = {"result": result.model_dump(mode="json"), "seconds": seconds}
        write_json(self._file(job), kept)
        finished = self.finished(job)
        assert finished is not None
        return replace(finished, earlier=False)

    def _file(self, job: Job) -> Path:
        return self.work / f"{job.id}.json"

    def log_folder(self, job: Job) -> Path:
        """Where a run's files for TensorBoard are."""
        return self.work / job.id


def bench_of(
    model: Learning,
    root: Path,
    locations: Locations,
    work: Path,
    *,
    validation_cells: int | None = None,
    logs: bool = False,
) -> Bench:
    """The bench of a stage in the folder `root`, on the sides that the stage split wrote there.

    Raises:
        SmearflowError: the backbone can't be used.
    """
    backbone = backbone_of(model, root, locations)
    return Bench(
        root / "outputs" / "split",
        backbone,
        model.input_range,
        model.least_class_share,
        work,
        validation_cells,
        logs,
    )
