"""What the images of a set are: classes, groups, formats, sizes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import pandas as pd


@dataclass(frozen=True)
class Spread:
    """Of a quantity, smallest, typical and largest value."""

    least: float
    middle: float
    most: float


@dataclass(frozen=True)
class Facts:
    """Images of a source, or of all.

    Attributes:
        images: that can be decoded.
        damaged: that can't.
        classes: images of each class, negative before positive; without damaged ones, like all
            that follows.
        groups: patients, or what else must stay on one side.
        nameless: images without one.
        per_group: images of a group; the middle is the mean. None without groups.
        formats: images by suffix in lower case, the most frequent first.
        width: pixels; the middle is the median. None without images.
        height: likewise.
        modes: images by how their pixels are stored, and by the value that is white.
    """

    images: int
    damaged: int
    classes: dict[str, int]
    groups: int
    nameless: int
    per_group: Spread | None
    formats: dict[str, int]
    width: Spread | None
    height: Spread | None
    modes: dict[tuple[str, float], int]


def facts_of(images: pd.DataFrame, groups: pd.Series, classes: Sequence[str]) -> Facts:
    """Count what there is.

    Args:
        images: rows of the manifest: path, label, error, width, height, mode, white.
        groups: the group of each row; null where none is known.
        classes: negative before positive.
    """
    sound = images[images["error"].isna()]
    counts = groups[sound.index].value_counts()
    labels = sound["label"].value_counts()
    modes = Counter(zip(sound["mode"], sound["white"].astype(float), strict=True))
    return Facts(
        images=len(sound),
        damaged=len(images) - len(sound),
        classes={name: int(labels.get(name, 0)) for name in classes},
        groups=len(counts),
        nameless=int(groups[sound.index].isna().sum()),
        per_group=Spread(counts.min(), counts.mean(), counts.max()) if len(counts) else None,
        formats=_counted(suffixes_of(sound)),
        width=_spread(sound["width"]),
        height=_spread(sound["height"]),
        modes=dict(modes.most_common()),
    )


def suffixes_of(images: pd.DataFrame) -> pd.Series:
    """In lower case, without the dot; empty where there is none."""
    return images["path"].map(lambda path: PurePosixPath(path).suffix[1:].lower())


def _counted(values: pd.Series) -> dict[str, int]:
    return {str(value): int(count) for value, count in values.value_counts().items()}


def _spread(values: pd.Series) -> Spread | None:
    if values.empty:
        return None
    return Spread(float(values.min()), float(values.median()), float(values.max()))
