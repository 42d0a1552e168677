"""The section `ingest`: where the cells come from."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from smearflow.ground.settings import Bits, Label, Settings

Group = Literal["patient", "field", "time", "file"]
"""What must stay on one side of the split."""


class Columns(Settings):
    """The names of a table's columns.

    Null: `file` and `label` by what they hold; the others by these names, if it has them. The
    columns of a table without names are called 0, 1, ...
    """

    file: Label | None = None
    label: Label | None = None
    patient: Label | None = None
    field: Label | None = None
    time: Label | None = None
    site: Label | None = None


class Boxes(Settings):
    """Cells marked in images of whole fields of view.

    Attributes:
        format: of the annotations; None: by what is there.
        margin: added around a box, as a share of its longer side.
        least: pixels; boxes with a shorter side are left out.
        difficult: whether to use those that are marked as difficult.
    """

    format: Literal["coco", "voc", "yolo", "bbbc041"] | None = None
    margin: Annotated[float, Field(ge=0, le=1)] = 0.1
    least: Annotated[int, Field(ge=1)] = 16
    difficult: bool = False


class Source(Settings):
    """One origin of labelled cells.

    Attributes:
        patient_pattern: as in `naming.parse_name`.
        group: what must stay on one side of the split: patients, or what is nearest to them where
            nothing tells them.
        labels: that its folders, tables or boxes use, and the class that each means; None: such
            cells are left out.
        table: CSV or Parquet files in it that tell labels, patients or both.
        corrects: its labels replace those that sources before it give the same images; without
            it, two labels of one image are an error.
        bits: of the samples of images that store more than 8; None: by their tags, or measured.
        seed, patients, cells: of a sample.
        test_patients: of a sample, beside those; they are on the test side.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    kind: Literal["sample", "nih", "folder"]
    location: str | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    bytes: Annotated[int, Field(gt=0)] | None = None
    patient_pattern: str | None = None
    group: Group = "patient"
    labels: dict[Label, str | None] = Field(default_factory=dict)
    table: tuple[str, ...] | None = None
    columns: Columns = Columns()
    boxes: Boxes = Boxes()
    corrects: bool = False
    bits: Bits | None = None
    seed: Annotated[int, Field(ge=0)] = 1
    patients: Annotated[int, Field(ge=2, le=999)] = 60
    cells: Annotated[int, Field(ge=2)] = 2400
    test_patients: Annotated[int, Field(ge=0)] = 0

    @field_validator("table", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("patient_pattern")
    @classmethod
    def _names_something(cls, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        try:
            groups = re.compile(pattern).groupindex
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if not groups.keys() & {"patient", "field", "time", "site"}:
            raise ValueError("has no group (?P<patient>...), nor field, time or site")
        return pattern

    @model_validator(mode="after")
    def _can_be_rendered(self) -> Self:
        if self.kind == "sample" and self.location is not None:
            raise ValueError("a sample is rendered and has no location: set kind to nih or folder")
        if self.kind == "sample" and self.cells < self.patients:
            raise ValueError(f"{self.cells} cells are too few for {self.patients} patients")
        return self


class Ingest(Settings):
    """Where the cells come from."""

    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @field_validator("sources")
    @classmethod
    def _unique_names(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        names = [source.name for source in sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources have the same name")
        return sources
