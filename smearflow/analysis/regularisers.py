"""What regularises, and what it does: it pays late, so short runs tell only that it helps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smearflow.analysis.response import Surface
from smearflow.params.model import Value

REGULARISERS = (
    "weight_decay",
    "label_smoothing",
    "dropout",
    "augment",
    "stain_jitter",
    "brightness_jitter",
    "ground_paint",
)


@dataclass(frozen=True)
class Dose:
    """What a moderate dose does, the middle of the values tried, compared with none.

    Attributes:
        effect: relative change of the validation loss.
        low, high: its 95 % interval.
    """

    effect: float
    low: float
    high: float

    @property
    def helps(self) -> bool:
        """Whether the loss is lower for sure."""
        return self.high < 0


def dose_of(name: str, surface: Surface) -> Dose | None:
    """That of a parameter; None where it had a single value."""
    axis = surface.axis(name)
    if axis is None:
        return None
    doses: Sequence[Value] = (
        [False, True] if axis.scale == "choice" else [axis.low, axis.value(0.0)]
    )
    losses, resampled = surface.along(name, doses)
    low, high = np.expm1(np.quantile(resampled[1] - resampled[0], [0.025, 0.975]))
    return Dose(float(np.expm1(losses[1] - losses[0])), float(low), float(high))
