"""The section `feedback`: which of several labels of a cell counts."""

from typing import Annotated, Literal

from pydantic import Field

from smearflow.ground.settings import Settings

Rule = Literal["majority", "latest"]
"""What settles a conflict between reviewers."""


class Feedback(Settings):
    """Attributes:
    conflicts: majority of the reviewers, ties left out; or whoever spoke last.
    queue: cells that one queue asks people about.
    most_per_patient: of these, of one patient.
    """

    conflicts: Rule = "majority"
    queue: Annotated[int, Field(ge=1)] = 50
    most_per_patient: Annotated[int, Field(ge=1)] = 10
