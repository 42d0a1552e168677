"""The section `export`: which edge model ships."""

from typing import Annotated

from pydantic import Field

from smearflow.ground.settings import Fraction, Settings


class Export(Settings):
    """The edge model: int8 is chosen if it agrees with the Keras model often enough."""

    calibration_cells: Annotated[int, Field(ge=1)]
    least_agreement: Fraction
