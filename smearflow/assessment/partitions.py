"""Ways to part cells by how they look, learned on training cells alone."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import KMeans

from smearflow.records.slices import Dimension

Density = tuple[float, float, float]
Bounds = tuple[float | None, float | None]

LOOKS: tuple[Dimension, ...] = ("sharpness", "brightness", "cell_area")
QUANTILES = (0.25, 0.5, 0.75)
STAINS = 4  # clusters
_DENSITY = ("red_mean", "green_mean", "blue_mean")
_COLOUR = (*_DENSITY, "red_spread", "green_spread", "blue_spread")
_SEED, _STARTS = 1, 10


class Partition(NamedTuple):
    """Which part each cell is in.

    Attributes:
        dimension: by which they are parted.
        parts: [n], names of the parts.
        bounds: of the values in a part, by name; none where parts have none.
    """

    dimension: Dimension
    parts: npt.NDArray[np.str_]
    bounds: dict[str, Bounds]


def patient_parts(patients: npt.ArrayLike) -> Partition:
    """A part for each patient."""
    return Partition("patient", np.asarray(patients, str), {})


def stain_parts(training: pd.DataFrame, cells: pd.DataFrame) -> tuple[Partition, list[Density]]:
    """Clusters of training cells by colour (k-means, Lloyd 1982), and which one is nearest.

    Args:
        training: rows of the manifest.
        cells: likewise, of the cells that are to be parted.

    Returns:
        The parts from "1", the palest, and the mean optical density of red, green and blue in each.
    """
    known = training[list(_COLOUR)].to_numpy(np.float64)
    centre, spread = known.mean(axis=0), known.std(axis=0)
    spread[spread == 0] = 1
    found = KMeans(min(STAINS, len(np.unique(known, axis=0))), n_init=_STARTS, random_state=_SEED)
    found.fit((known - centre) / spread)
    densities = (found.cluster_centers_ * spread + centre)[:, : len(_DENSITY)]
    order = np.argsort(densities.sum(axis=1))
    nearest = found.predict((cells[list(_COLOUR)].to_numpy(np.float64) - centre) / spread)
    parts = 1 + np.argsort(order)[nearest]
    # rounded: how threads share the sums moves the last digits
    rounded = [tuple(map(float, row)) for row in densities[order].round(4)]
    return Partition("stain", parts.astype(str), {}), [(r, g, b) for r, g, b in rounded]


def look_parts(training: pd.DataFrame, cells: pd.DataFrame, name: Dimension) -> Partition:
    """Four parts, each as many training cells, by a statistic of the image."""
    edges = np.quantile(training[name].to_numpy(np.float64), QUANTILES)
    parts = 1 + np.searchsorted(edges, cells[name].to_numpy(np.float64), side="right")
    between = pairwise([None, *map(float, edges), None])
    bounds = {str(part): bound for part, bound in enumerate(between, start=1)}
    return Partition(name, parts.astype(str), bounds)
