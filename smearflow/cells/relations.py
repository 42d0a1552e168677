"""What an image has to do with others, as columns that expectations can be about."""

from collections.abc import Mapping, Sequence

import pandas as pd

from smearflow.cells.duplicates import twins
from smearflow.cells.manifest import STATISTICS
from smearflow.cells.naming import own_id
from smearflow.params.ingest import Group, Source
from smearflow.records.groups import groups_of

PER_PATIENT = tuple(f"patient_{name}" for name in STATISTICS)
RELATED = ("positive", "group", "copy_of", "labels_of_pixels", "patients_of_pixels", *PER_PATIENT)


def with_corrections(manifest: pd.DataFrame, sources: Sequence[Source]) -> pd.DataFrame:
    """A manifest with its column `corrected_by` filled in.

    Args:
        manifest: of these sources.
        sources: of two that correct the same image, the later one is right.
    """
    order = manifest["source"].map({source.name: at for at, source in enumerate(sources)})
    correcting = [source.name for source in sources if source.corrects]
    able = manifest["source"].isin(correcting) & manifest["pixels"].notna()
    latest = (
        manifest.assign(order=order)[able]
        .sort_values("order", kind="stable")
        .drop_duplicates("pixels", keep="last")
        .set_index("pixels")
    )
    valid = latest.reindex(manifest["pixels"]).set_axis(manifest.index)
    replaced = (order < valid["order"]) & (manifest["label"] != valid["label"])
    return manifest.assign(corrected_by=valid["cell_id"].where(replaced))


def with_relations(
    manifest: pd.DataFrame, positive: str, grouped_by: Mapping[str, Group]
) -> pd.DataFrame:
    """A manifest with the columns RELATED.

    Args:
        manifest: columns as in `manifest.COLUMNS`.
        positive: label of the positive class.
        grouped_by: by source, what must stay on one side of the split.

    Returns:
        Added are `positive`, 1.0 for that class, else 0.0; `group`, what must stay on one side of
        the split, null where that is not known; `copy_of`, the id of the first image
        with the same pixels, null for that one itself; `labels_of_pixels` and `patients_of_pixels`,
        how many labels and patients, whatever their sources, the same pixels have (1 for an image
        that can't be decoded); and `patient_<statistic>`, the mean over the images of the same
        patient (of the image alone, where no patient is known).
    """
    same = manifest["pixels"].fillna(manifest["path"])
    owner = manifest["patient"].fillna(manifest["path"])
    means = manifest.groupby(owner)[list(STATISTICS)].transform("mean")
    first = manifest["cell_id"].groupby(same).transform("first")
    return manifest.assign(
        positive=(manifest["label"] == positive).astype("float64"),
        group=groups_of(manifest, grouped_by),
        copy_of=first.where(same.duplicated()),
        labels_of_pixels=_different(manifest["label"], same),
        patients_of_pixels=_different(owner.map(own_id), same),
        **{f"patient_{name}": means[name] for name in STATISTICS},
    )


def _different(values: pd.Series, groups: pd.Series) -> pd.Series:
    return values.groupby(groups).transform("nunique").astype("int64").clip(lower=1)


def with_leaks(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells of a split, with what must not be on two sides of it.

    Args:
        cells: a row per cell, with `cell_id`, `patient`, `side`, `pixels` and `appearance`.

    Returns:
        Added are `sides_of_patient` and `sides_of_pixels`, on how many sides the patient and the
        same pixels are; and `twin`, the id of the most alike cell on another side, null unless it
        is a near duplicate.
    """
    sides = cells["side"]
    # as they are stored: mirrored and turned ones are told where cells are validated
    nearest = twins(cells["appearance"].to_numpy(), sides.to_numpy(), turned=-1)
    ids = cells["cell_id"].reset_index(drop=True)
    return cells.assign(
        sides_of_patient=_different(sides, cells["patient"].map(own_id)),
        sides_of_pixels=_different(sides, cells["pixels"]),
        twin=ids.reindex(nearest).to_numpy(),  # null at -1
    )
