"""In the place of smearflow/edge/runtime.py: a model that reads the label off the pixels."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

LOOK_YOURSELF = "look yourself"


class EdgeModel:
    """The interface of the real one."""

    def __init__(self, folder: Path) -> None:
        folder = folder / "export" if (folder / "export").is_dir() else folder
        description = json.loads((folder / "edge.json").read_text())
        self.threshold: float = description["threshold"]
        self.stain_normalised = bool(description.get("stain"))
        self.image_size: int = description["image_size"]

    def prepared(self, pixels: np.ndarray, slides: Sequence[object]) -> np.ndarray:
        """As if there were no stain."""
        del slides
        return pixels

    def predict(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities [n] and embeddings [n, 1]."""
        means = pixels.mean(axis=(1, 2, 3)) / 255
        return means.astype(np.float32), means[:, np.newaxis]
