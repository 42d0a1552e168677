"""Every choice of the pre-training in one place: the same recipe gives the same module."""

from dataclasses import dataclass
from pathlib import Path

# Where the project keeps the module, and what params.yaml names.
EMBEDDED = Path("backbones/mobilenet_v3_small_cells")


@dataclass(frozen=True)
class Recipe:
    """How the embedded backbone is made.

    Attributes:
        seed: of the rendered patients and of everything drawn in training; no rendered data set
            of the project has it.
        first_patient: their numbers go on from here, beyond those of every other data set.
        patients: rendered; each has a stain, light and optics of its own.
        cells: a patient.
        wildest: domain randomisation of a patient is drawn from [0, wildest] of the renderer's.
        stored: pixels a side at which cells are kept.
        sizes: pixels a side of the training images, each for an equal part of the steps: small
            ones first, because they cost little.
        minimalistic: the variant of MobileNetV3 without hard-swish and squeeze-excite.
        steps: of the optimizer.
        pairs: cells a step; each is seen in two random views.
        learning_rate: at its height, after the first twentieth of the steps; then a half cosine
            to 0.
        weight_decay: of AdamW.
        measures, places, views: weights of the tasks beside naming, which has 1.
    """

    seed: int = 20_150_918
    first_patient: int = 1_000_000
    patients: int = 3_000
    cells: int = 8
    wildest: float = 0.6
    stored: int = 96
    sizes: tuple[int, ...] = (48, 64)
    minimalistic: bool = True
    steps: int = 900
    pairs: int = 80
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    measures: float = 0.1
    places: float = 1.0
    views: float = 0.2


RECIPE = Recipe()
