"""What must stay on one side of the split: which group each image is of, and where that falls."""

import hashlib
from collections.abc import Mapping

import pandas as pd

from smearflow.params.ingest import Group

# A constant, not a parameter: a patient who was ever tested on must never be trained on.
SALT = "smearflow patients"
_TOLD_BY: dict[Group, str] = {
    "patient": "patient",
    "field": "field",
    "time": "time",
    "file": "path",
}


def groups_of(images: pd.DataFrame, grouped_by: Mapping[str, Group]) -> pd.Series:
    """`<source>/<id>` of what must stay on one side of the split; null where it is not known.

    Args:
        images: rows of the manifest; columns that no group is told by may be missing.
        grouped_by: by source; one that is not named has patients.
    """
    kinds = images["source"].map(lambda source: grouped_by.get(source, "patient"))
    groups = pd.Series(None, index=images.index, dtype=object)
    for kind, column in _TOLD_BY.items():
        if column in images:
            named = images[column]
            groups = groups.where(
                kinds != kind, images["source"] + "/" + named if kind == "time" else named
            )
    return groups


def position_of(own_id: str) -> float:
    """Where a patient lies in [0, 1): the lowest are on the test side.

    Args:
        own_id: without the source: a patient whose cells come in by a second one is the same there.
    """
    digest = hashlib.sha256(f"{SALT}/{own_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
