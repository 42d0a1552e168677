"""What the stage ingest understood of its sources."""

from typing import ClassVar, Literal

from smearflow.ground.record import Part, Record
from smearflow.params.ingest import Group

PatientsBy = Literal["column", "pattern", "file names", "folder names"]
"""What tells patients: a column of a table, the pattern of the settings, or names."""

Reason = Literal[
    "broken link",
    "copy",
    "difficult",
    "foreign format",
    "drawn twice",
    "label left out",
    "mask",
    "no file",
    "no image",
    "no label",
    "too small",
]
"""Why something of a source is no cell here: `foreign format`, an image that is not read; `copy`,
in a copy of the class folders; `difficult`, so marked by whoever drew the box; `drawn twice`, a
box; `label left out`, as the settings ask; `mask`, a mask or drawing of an image that is there; `no
file`, in a table or annotation, but not there; `too small`, a box."""


class LeftOut(Part):
    """What of a source is not used, and why.

    Attributes:
        what: where that matters, which: a suffix, a label, a folder; else empty.
        count: how many files, rows or boxes.
        first: the first of them.
    """

    reason: Reason
    what: str = ""
    count: int
    first: str


class SourceFacts(Part):
    """How a source was understood.

    Attributes:
        layout: what the names of folders, or the rows of a table, tell; as
            `<class>/<patient>/<file>`, `table cells.csv` or `boxes COCO`.
        folders: that hold its cells.
        labels: as the source spells them, and the class that each was taken for.
        patients_by: what tells patients; None where nothing does.
        grouped_by: what must stay on one side of the split.
        sides: folders such as `train` and `test`, which are not followed.
        left_out: of it.
    """

    name: str
    layout: str
    folders: int
    labels: dict[str, str]
    patients_by: PatientsBy | None
    grouped_by: Group
    sides: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class Sources(Record):
    """sources.json: how each source was understood, in their order."""

    STAGE: ClassVar[str] = "ingest"
    NAME: ClassVar[str] = "sources.json"

    sources: tuple[SourceFacts, ...]

    @property
    def grouped_by(self) -> dict[str, Group]:
        """By source, what must stay on one side of the split."""
        return {source.name: source.grouped_by for source in self.sources}
