"""Sides of a split made on the spot, for tests of models and searches."""

import numpy as np
import pandas as pd

from smearflow.cells.arrays import Side
from smearflow.params import Configuration
from tests.material import cell_image

SIZE = 32
INPUT_RANGE = (0.0, 1.0)
SHORT = Configuration(learning_rate=3e-3, batch_size=16, epochs=2, hidden_units=8)


def toy_side(*, patients: int = 8, per_class: int = 3, seed: int = 1, prefix: str = "p") -> Side:
    """Cells of both classes for each patient, shuffled, 32 pixels, in memory."""
    rng = np.random.default_rng(seed)
    pixels, rows = [], []
    for patient in range(patients):
        for target in (0, 1):
            for cell in range(per_class):
                image = cell_image(rng, parasitized=bool(target)).resize((SIZE, SIZE))
                pixels.append(np.asarray(image.convert("RGB"), np.uint8))
                rows.append((f"{prefix}{patient}/{target}/{cell}", f"{prefix}{patient}", target))
    order = rng.permutation(len(rows))
    table = pd.DataFrame(rows, columns=["cell_id", "patient", "target"])
    table["target"] = table["target"].astype(np.int8)
    return Side(np.stack(pixels)[order], table.iloc[order].reset_index(drop=True))
