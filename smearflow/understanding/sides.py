"""Who is on which side of the split, class by class, and who looks like somebody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from smearflow.cells.duplicates import twins


@dataclass(frozen=True)
class Part:
    """Cells, and of how many groups (patients, as a rule) they are."""

    cells: int
    groups: int


@dataclass(frozen=True)
class SideParts:
    """A side of the split: all of it, and each class, negative before positive."""

    name: str
    whole: Part
    classes: tuple[Part, Part]


def sides_of(tables: Mapping[str, pd.DataFrame]) -> list[SideParts]:
    """Count the sides.

    Args:
        tables: of each side, a row per cell, with `target` and `patient`, its group.
    """
    return [
        SideParts(name, _part(table), (_part(table, 0), _part(table, 1)))
        for name, table in tables.items()
    ]


def _part(table: pd.DataFrame, target: int | None = None) -> Part:
    rows = table if target is None else table[table["target"] == target]
    return Part(len(rows), int(rows["patient"].nunique()))


@dataclass(frozen=True)
class Exclusive:
    """Groups by the classes of their cells."""

    only_negative: int
    only_positive: int
    both: int


def exclusive_of(labels: pd.Series, groups: pd.Series, classes: Sequence[str]) -> Exclusive:
    """Count the groups that have cells of one class only.

    Args:
        labels: of each image.
        groups: likewise; null where none is known.
        classes: negative before positive.
    """
    kinds = labels.groupby(groups).agg(set)
    negative, positive = ({name} for name in classes)
    return Exclusive(
        int((kinds == negative).sum()),
        int((kinds == positive).sum()),
        int(kinds.map(len).gt(1).sum()),
    )


def lookalikes(images: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Images that are near duplicates of one of another group, mirrored or turned ones too.

    Args:
        images: rows of the manifest that can be decoded: cell_id, label, appearance.
        groups: of each; images without one are left out.

    Returns:
        A row for each: `cell`, `like`, the most alike one, and `other_label`, whether their labels
        differ.
    """
    known = images[groups[images.index].notna()]
    nearest = twins(known["appearance"].to_numpy(), groups[known.index].to_numpy(str))
    own = np.flatnonzero(nearest >= 0)
    first, second = known.iloc[own], known.iloc[nearest[own]]
    return pd.DataFrame(
        {
            "cell": first["cell_id"].to_numpy(),
            "like": second["cell_id"].to_numpy(),
            "other_label": first["label"].to_numpy() != second["label"].to_numpy(),
        }
    )
