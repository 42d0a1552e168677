"""The space of a search: what the stage analyse leaves for tune, and what tune searched."""

from typing import Annotated, Literal

from pydantic import Field

from smearflow.ground.record import Part, Record
from smearflow.params.model import Setting, Value

Sampling = Literal["linear", "log"]
"""How values are spread over an interval."""


class Interval(Part):
    """Numbers between two bounds, both of them included."""

    kind: Literal["float", "int"]
    low: int | float
    high: int | float
    sampling: Sampling


class Choice(Part):
    """A few values."""

    kind: Literal["choice"] = "choice"
    values: tuple[Value, ...]


Dimension = Annotated[Interval | Choice, Field(discriminator="kind")]
"""The values that a field of the configuration may take in a search."""


class Space(Record):
    """What is searched, and what is held.

    Attributes:
        parameters: per field of the configuration the values to search.
        fixed: fields that are held at a value other than, or the same as, the base's.
    """

    STAGE, NAME = "analyse", "space.json"

    parameters: dict[str, Dimension]
    fixed: Setting
