"""What a split keeps on one side, in words: patients, or what is nearest to them."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from smearflow.params.ingest import Group
from smearflow.records.split import Split


@dataclass(frozen=True)
class Unit:
    """A noun in singular and plural."""

    one: str
    many: str

    def count(self, number: int) -> str:
        """`1 patient`, `1,200 patients`."""
        return f"{number:,} {self.one if number == 1 else self.many}"

    def instead(self, text: str) -> str:
        """A text about patients, about these."""
        return text.replace("patients", self.many).replace("patient", self.one)


_UNITS: dict[Group, Unit] = {
    "patient": Unit("patient", "patients"),
    "field": Unit("field of view", "fields of view"),
    "time": Unit("time of recording", "times of recording"),
    "file": Unit("file", "files"),
}
PATIENTS = _UNITS["patient"]
_SEVERAL = Unit("group", "groups")


def unit_of(grouped_by: Collection[Group]) -> Unit:
    """The noun for groups of these kinds, one for each source; patients where there is none."""
    kinds = set(grouped_by)
    if len(kinds) > 1:
        return _SEVERAL
    return _UNITS[kinds.pop()] if kinds else PATIENTS


def unit_of_split(split: Split | None) -> Unit:
    """That of a split; patients where there is none yet."""
    return PATIENTS if split is None else unit_of(split.grouped_by.values())


def unit_of_run(root: Path) -> Unit:
    """That of the run in a folder."""
    return unit_of_split(Split.read_if_there(root))
