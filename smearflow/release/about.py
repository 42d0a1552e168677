"""What a model card tells people: whose cells, which figures, what it is not for.

It outlives the code that wrote it: keys that a later code adds are ignored by an earlier one.
"""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from smearflow.params.whole import Params
from smearflow.records.edge import EdgeMetadata
from smearflow.records.figures import Estimate, Figures
from smearflow.records.operating import OperatingPoint
from smearflow.records.slices import Slices
from smearflow.records.split import Split

_WORST = 5  # slices
_LASTING = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())


class NotedFigure(Estimate):
    """A figure with its interval."""

    model_config = _LASTING


class NotedSide(BaseModel):
    """How many cells of how many patients a side of the split has."""

    model_config = _LASTING

    cells: int
    patients: int


class NotedSlice(BaseModel):
    """Cells on which the model was worse than on the rest, beyond chance.

    Attributes:
        name: in which they differ, and which part of it they are.
        cells: in it.
        patients: whose they are.
        accuracy: on them, of the Keras model.
        rest: accuracy on all other cells.
    """

    model_config = _LASTING

    name: str
    cells: int
    patients: int
    accuracy: NotedFigure
    rest: float | None


class About(BaseModel):
    """What people are told of a model; what a run does not tell is None or empty.

    Attributes:
        question: that it answers.
        sources: of its cells.
        sides: training, validation, test; no patient is on two of them.
        figures: of the edge model on test patients, by metric.
        interval: what the intervals are.
        operating: what belongs to the threshold, on validation patients.
        worse: slices of the test cells, the worst first.
        backbone: where its first weights came from, and their sha256.
        licence: of the weights.
    """

    model_config = _LASTING

    question: str
    sources: tuple[str, ...]
    sides: dict[str, NotedSide] = Field(default_factory=dict)
    figures: dict[str, NotedFigure]
    interval: str
    operating: OperatingPoint | None = None
    worse: tuple[NotedSlice, ...] = ()
    backbone: tuple[str, str | None]
    licence: str | None

    @classmethod
    def of_run(cls, root: Path, settings: Params) -> Self:
        """That of a run that is whole."""
        figures, split = Figures.read(root), Split.read_if_there(root)
        slices = Slices.read_if_there(root)
        return cls(
            question=settings.problem.question,
            sources=tuple(source.name for source in settings.ingest.sources),
            sides={
                name: NotedSide(cells=side.cells, patients=side.patients)
                for name, side in (split.sides if split else ())
            },
            figures={
                name: NotedFigure(**figure.model_dump()) for name, figure in figures.edge.items()
            },
            interval=figures.interval,
            operating=EdgeMetadata.read(root).operating,
            worse=tuple(
                NotedSlice(
                    name=f"{each.dimension} {each.part}",
                    cells=each.cells,
                    patients=each.patients,
                    accuracy=NotedFigure(**each.accuracy.model_dump()),
                    rest=each.rest,
                )
                for each in (slices.slices if slices else ())
                if each.worse
            )[:_WORST],
            backbone=(settings.model.backbone, settings.model.backbone_sha256),
            licence=settings.registry.licence,
        )
