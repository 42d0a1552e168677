"""The section `split`: who is held out, and how images are packed."""

from typing import Annotated, Literal

from pydantic import Field

from smearflow.ground.settings import Settings


class Floors(Settings):
    """The least that each class needs on each side of the split."""

    cells: Annotated[int, Field(ge=1)]
    patients: Annotated[int, Field(ge=1)]


class Split(Settings):
    """Shares of the patients held out, and how images are packed.

    Attributes:
        image_size: pixels a side.
        stain_normalisation: by slide (a patient, or what else is kept together), or none.
    """

    image_size: Annotated[int, Field(ge=32, le=512)]
    stain_normalisation: Literal["slide", "none"] = "slide"
    validation: Annotated[float, Field(gt=0, lt=0.5)]
    test: Annotated[float, Field(gt=0, lt=0.5)]
    floors: Floors
