"""What must stay on one side of the split: which group each image is of."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from pyarrow import parquet

from smearflow.params.ingest import Group

_COLUMNS: dict[Group, str] = {
    "patient": "patient",
    "field": "field",
    "time": "time",
    "file": "path",
}


def read_columns(file: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Those columns of a Parquet file that it has."""
    there = set(parquet.read_schema(file).names)
    return pd.read_parquet(file, columns=[name for name in columns if name in there])


def groups_of(images: pd.DataFrame, grouped_by: Mapping[str, Group]) -> pd.Series:
    """The group of each image, in its order; null where none is known.

    Args:
        images: rows of the manifest, with the columns that groups are told by, as far as known.
        grouped_by: by source; one that is not named here has patients.
    """
    kinds = images["source"].map(lambda source: grouped_by.get(source, "patient"))
    groups = pd.Series(None, index=images.index, dtype=object)
    for kind, column in _COLUMNS.items():
        if column in images:
            groups = groups.where(kinds != kind, images[column])
    return groups
