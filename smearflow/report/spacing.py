"""Some of many, evenly spaced."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

_Any = TypeVar("_Any")


def spaced(values: Sequence[_Any], most: int) -> Sequence[_Any]:
    """So many of them, or all, in order."""
    if len(values) <= most:
        return values
    return [values[at] for at in np.linspace(0, len(values) - 1, most).round().astype(int)]
