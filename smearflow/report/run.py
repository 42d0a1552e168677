"""What is known of a run, for whoever concludes something from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from smearflow.assessment.mistakes import Appearance, PatientMistakes, appearances, by_patient
from smearflow.params.ingest import Source
from smearflow.records.edge import EdgeMetadata
from smearflow.records.figures import Figures
from smearflow.records.split import Split
from smearflow.records.training import Target, Training
from smearflow.records.validation import Validation
from smearflow.records.verdict import Verdict
from smearflow.report.assessed import Assessed, read_assessed
from smearflow.report.units import Unit, unit_of_split

_LOOKS = ("cell_area", "brightness", "contrast", "sharpness")


@dataclass(frozen=True)
class Mistakes:
    """On whom and on what the model fails; of cells whose images were measured, also how they look.

    Attributes:
        patients: the largest share of mistakes first.
        looks: of the mistaken cells.
    """

    patients: tuple[PatientMistakes, ...]
    looks: tuple[Appearance, ...]


@dataclass(frozen=True)
class PipelineRun:
    """The records of a run; None of a stage that has not ended.

    Attributes:
        drawn: whether the cells are drawn by this project.
        assessed: the test cells, if they were looked at.
        mistakes: on them.
    """

    drawn: bool
    checks: Validation | None = None
    split: Split | None = None
    trained: Training | None = None
    edge: EdgeMetadata | None = None
    figures: Figures | None = None
    assessed: Assessed | None = None
    mistakes: Mistakes | None = None
    verdict: Verdict | None = None

    @property
    def classes(self) -> tuple[str, str]:
        """Their names, negative before positive."""
        return self.split.classes if self.split else ("negative", "positive")

    @property
    def unit(self) -> Unit:
        """What the split keeps on one side."""
        return unit_of_split(self.split)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Of both sides, as far as they were measured."""
        return tuple(
            target for each in (self.trained, self.figures) if each for target in each.targets
        )


def read_run(root: Path, sources: Sequence[Source]) -> PipelineRun:
    """Everything the stages of a run left for conclusions.

    Args:
        root: folder of the run.
        sources: of its cells.
    """
    assessed = read_assessed(root)
    return PipelineRun(
        drawn=any(source.kind == "sample" for source in sources),
        checks=Validation.read_if_there(root),
        split=Split.read_if_there(root),
        trained=Training.read_if_there(root),
        edge=EdgeMetadata.read_if_there(root),
        figures=Figures.read_if_there(root),
        assessed=assessed,
        mistakes=None if assessed is None else _mistakes(assessed),
        verdict=Verdict.read_if_there(root),
    )


def _mistakes(assessed: Assessed) -> Mistakes:
    table, patients = assessed.side.table, assessed.assessment.patients
    measured = table[[name for name in _LOOKS if name in table]].astype(float)
    return Mistakes(
        by_patient(patients, assessed.wrong),
        appearances(measured, list(patients), assessed.wrong),
    )
