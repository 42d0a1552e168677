"""The section `validate`: what happens to images that fail expectations."""

from typing import Annotated, Literal

from pydantic import Field

from smearflow.ground.settings import Settings

Quarantine = Literal["none", "critical", "all"]


class Validate(Settings):
    """What happens to images that fail expectations.

    Attributes:
        examples: failing files shown and listed per expectation; offenders.csv has all.
        quarantine: which failing images are left out instead of stopping the run: those that fail
            critical expectations, or any.
        most_quarantined: share of the images; more than that stop the run after all.
    """

    examples: Annotated[int, Field(ge=1)]
    quarantine: Quarantine
    most_quarantined: Annotated[float, Field(gt=0, lt=1)]
