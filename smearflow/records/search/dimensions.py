"""The values that a search may try of one field of a configuration."""

from typing import Annotated, Literal

from pydantic import Field

from smearflow.ground.record import Part
from smearflow.params.model import Value

Sampling = Literal["linear", "log"]
"""How values are spread over an interval."""


class Interval(Part):
    """Numbers between two bounds, both of them included.

    Attributes:
        reach: how far out a search may move the bounds where its best lies at one; None: not.
    """

    kind: Literal["float", "int"]
    low: int | float
    high: int | float
    sampling: Sampling
    reach: tuple[float, float] | None = None


class Choice(Part):
    """A few values."""

    kind: Literal["choice"] = "choice"
    values: tuple[Value, ...]


Dimension = Annotated[Interval | Choice, Field(discriminator="kind")]
"""The values that a field of the configuration may take in a search."""
