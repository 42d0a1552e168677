"""The section `monitor`: when a window is judged."""

from typing import Annotated

from pydantic import Field

from smearflow.ground.settings import Bits, Settings


class Monitor(Settings):
    """Windows of incoming cells.

    Attributes:
        least_cells: a window needs for a verdict.
        bits: of the samples of images that store more than 8; None: by their tags, or measured
            over the window.
        confirmations: further windows in a row that must drift, too, before a retraining is asked
            for.
    """

    least_cells: Annotated[int, Field(ge=1)]
    bits: Bits | None = None
    confirmations: Annotated[int, Field(ge=0)] = 0
