"""The section `split`: who is held out, and how images are packed."""

from typing import Annotated

from pydantic import Field

from smearflow.ground.settings import Settings


class Floors(Settings):
    """The least that each class needs on each side of the split."""

    cells: Annotated[int, Field(ge=1)]
    patients: Annotated[int, Field(ge=1)]


class Split(Settings):
    """Shares of the patients held out, and the size in pixels the images are packed at."""

    image_size: Annotated[int, Field(ge=32, le=512)]
    validation: Annotated[float, Field(gt=0, lt=0.5)]
    test: Annotated[float, Field(gt=0, lt=0.5)]
    floors: Floors
