"""What else than the cells tells the classes apart: a network may learn that instead.

A quantity is judged by how well it alone tells the classes: the mean, over both classes, of the
share of their images that the best rule on it calls right. 0.5 is a coin.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.understanding.facts import suffixes_of

# On the NLM/NIH cells the technical quantities reach 0.53 (size) to 0.70 (sharpness); the stain
# reaches 0.90, as it should: that is the parasite.
LIMIT = 0.85
LEAST = 20  # images of each class: of fewer anything is told apart by chance
MOST_VALUES = 20  # of a property; more would tell by chance, too


@dataclass(frozen=True)
class Tell:
    """Something that tells the classes apart.

    Attributes:
        what: `format`, `source`, `site`, `stored as`, `size`, `compression`, `sharpness`,
            `brightness` or `cell area`.
        share: how well, in [0.5, 1].
        negative: what most images of that class have: values with their shares, or the median.
        positive: likewise.
    """

    what: str
    share: float
    negative: dict[str, float] | float
    positive: dict[str, float] | float


_Of = Callable[[pd.DataFrame], pd.Series]
_CATEGORIES: dict[str, _Of] = {
    "format": suffixes_of,
    "source": lambda images: images["source"],
    "site": lambda images: images.get("site", pd.Series(None, images.index, dtype=object)),
    "stored as": lambda images: images["mode"],
}
_QUANTITIES: dict[str, _Of] = {
    "size": lambda images: images["width"].astype(float) * images["height"],
    "compression": lambda images: images["bytes"] / (images["width"] * images["height"]),
    "sharpness": lambda images: images["sharpness"],
    "brightness": lambda images: images["brightness"],
    "cell area": lambda images: images["cell_area"],
}


def tells_of(images: pd.DataFrame, classes: Sequence[str]) -> list[Tell]:
    """All that tell the classes apart at least as well as LIMIT, the best first.

    Args:
        images: rows of the manifest that can be decoded.
        classes: negative before positive.
    """
    parts = [images[images["label"] == name] for name in classes]
    if min(map(len, parts)) < LEAST:
        return []
    found = [
        *(_category(what, *map(of, parts)) for what, of in _CATEGORIES.items()),
        *(_quantity(what, *map(of, parts)) for what, of in _QUANTITIES.items()),
    ]
    return sorted(
        (tell for tell in found if tell is not None and tell.share >= LIMIT),
        key=lambda tell: -tell.share,
    )


def _category(what: str, negative: pd.Series, positive: pd.Series) -> Tell | None:
    shares = [part.dropna().value_counts(normalize=True) for part in (negative, positive)]
    table = pd.concat(shares, axis=1).fillna(0.0)
    if not 1 < len(table) <= MOST_VALUES or min(map(len, shares)) == 0:
        return None
    told = [{str(value): float(share) for value, share in part.items()} for part in shares]
    return Tell(what, float(table.max(axis=1).sum() / 2), *told)


def _quantity(what: str, negative: pd.Series, positive: pd.Series) -> Tell:
    share = (1 + _distance(negative.to_numpy(float), positive.to_numpy(float))) / 2
    return Tell(what, share, float(negative.median()), float(positive.median()))


def _distance(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float:
    """The largest distance of the two distribution functions (Kolmogorov-Smirnov)."""
    every = np.concatenate([first, second])
    below = [
        np.searchsorted(np.sort(part), every, side="right") / len(part) for part in (first, second)
    ]
    return float(np.abs(below[0] - below[1]).max())
