"""An edge model that needs no training, and a baseline of toy cells."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.edge.plausible import CellLimits
from smearflow.images.statistics import STATISTICS
from smearflow.monitoring.baseline import Baseline, build_baseline
from smearflow.windows.read import read_window


class ColourModel:
    """Takes cells with dark purple pixels for positive; embeds a cell as its mean colours."""

    classes = ("Uninfected", "Parasitized")
    threshold = 0.5
    image_size = 32
    sha256 = "0" * 64
    cell = CellLimits()

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepared(
        self, pixels: npt.NDArray[np.uint8], slides: Sequence[object]
    ) -> npt.NDArray[np.uint8]:
        del slides
        return pixels

    def predict(
        self, pixels: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        level = pixels.astype(np.float32)
        dark = ((level[..., 0] < 135) & (level[..., 2] > 60)).mean(axis=(1, 2))
        flat = level.reshape(len(level), -1, 3)
        embeddings = np.concatenate([flat.mean(axis=1), flat.std(axis=1)], axis=1)
        return np.asarray(1 / (1 + np.exp(30 * (0.05 - dark)))), embeddings


def toy_baseline(cells: Path, resamples: int = 40) -> Baseline:
    """The baseline of a folder of toy cells; they serve as test cells, too."""
    model = ColourModel(cells)
    window = read_window(cells, model.image_size)
    probabilities, embeddings = model.predict(window.pixels)
    target = window.table["path"].str.startswith("Parasitized").astype(int)
    predictions = window.table[["patient"]].assign(target=target, edge_probability=probabilities)
    return build_baseline(
        window.table,
        target,
        probabilities,
        embeddings,
        predictions,
        window.table.assign(source="toy"),
        statistics=STATISTICS,
        model=model,
        resamples=resamples,
        false_alarm_rate=0.05,
        seed=1,
    )


def table_of(rng: np.random.Generator, cells: int, shift: float = 0.0) -> pd.DataFrame:
    """Two statistics, predictions and four embedding components; `shift` in deviations."""
    values = rng.normal(shift, 1, (cells, 6))
    table = pd.DataFrame(values, columns=["blue_mean", "sharpness", "e0", "e1", "e2", "e3"])
    table["probability"] = 1 / (1 + np.exp(-values[:, 0]))
    table["label"] = np.where(table["probability"] >= 0.5, "Parasitized", "Uninfected")
    return table
