"""The section `export`: which edge model ships."""

from typing import Annotated

from pydantic import Field

from smearflow.ground.settings import Settings

Margin = Annotated[float, Field(gt=0, le=1)]


class Margins(Settings):
    """How far a figure of the edge model may lie below the Keras model's, at 95 %, one-sided."""

    roc_auc: Margin
    sensitivity: Margin
    specificity: Margin


class Export(Settings):
    """The edge model: the fastest file within `most_bytes` that is no worse by the margins."""

    calibration_cells: Annotated[int, Field(ge=1)]
    margins: Margins
    most_bytes: Annotated[int, Field(ge=1)]
    bootstrap_samples: Annotated[int, Field(ge=100)]
    seed: Annotated[int, Field(ge=1)]
