"""The section `baseline`: how drift limits are calibrated."""

from typing import Annotated

from pydantic import Field

from smearflow.ground.settings import Settings


class Baseline(Settings):
    """Calibration of the drift limits on resampled patients of the baseline."""

    resamples: Annotated[int, Field(ge=10)]
    false_alarm_rate: Annotated[float, Field(gt=0, lt=0.5)]
    seed: Annotated[int, Field(ge=1)]
