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
    """

    least_cells: Annotated[int, Field(ge=1)]
    bits: Bits | None = None
