"""The space that an exploration left, with the evidence."""

from typing import Annotated

from pydantic import Field

from smearflow.ground.record import Part, Record
from smearflow.params.model import Setting, Value
from smearflow.records.analysis.evidence import Evidence
from smearflow.records.search.dimensions import Choice, Interval


class SearchedInterval(Interval):
    """Numbers that are searched, and why these."""

    evidence: tuple[Evidence, ...]


class SearchedChoice(Choice):
    """Values that are searched, and why these."""

    evidence: tuple[Evidence, ...]


Searched = Annotated[SearchedInterval | SearchedChoice, Field(discriminator="kind")]


class Dropped(Part):
    """A field that is no longer searched: the value it is held at, and why."""

    value: Value
    evidence: tuple[Evidence, ...]


class Narrowing(Record):
    """What the search should look at.

    Attributes:
        parameters: per field of the configuration the values to search.
        dropped: fields that experiments varied and the search does not.
        fixed: what a search holds: the dropped, and what all runs agree on.
    """

    STAGE, NAME = "analyse", "narrowing.json"

    parameters: dict[str, Searched]
    dropped: dict[str, Dropped]
    fixed: Setting
