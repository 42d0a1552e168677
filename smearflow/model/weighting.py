"""What cells count in the loss, and what a loss is worth where a class is rare.

Classes are weighted alike in training and validation loss. The weights are those of all training
cells, for every run on some of them too, so that losses compare: what early stopping, the learning
rate and the search go by is the loss that is trained. An unweighted validation loss would count the
shift of the probabilities that the weights are there for as a mistake, prefer epochs and settings
in which they have not worked yet, and hardly notice a rare class. In the validation loss each
patient counts the same beside that: who comes next is a patient, not a cell of the largest of
these. What is told of a model afterwards, from accuracy to PR AUC, weighs no cell.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Targets = npt.NDArray[np.int8]
Weights = npt.NDArray[np.float64]

ClassWeights = tuple[float, float]
"""What a negative and a positive cell count; None in its place: 1 each."""


def class_weights(targets: Targets, least_share: float) -> ClassWeights | None:
    """The weights with which the rarer class counts as a share of all cells.

    Args:
        targets: int8 [n] of the training cells, 1 = positive.
        least_share: in [0, 0.5]; 0: never weigh.

    Returns:
        Their mean over the cells is 1. None where the rarer class is that frequent without them,
        or is not there.
    """
    positive = float(np.mean(targets == 1))
    share = min(positive, 1 - positive)
    if share == 0 or share >= least_share:
        return None
    rare, common = least_share / share, (1 - least_share) / (1 - share)
    return (common, rare) if positive < 0.5 else (rare, common)


@dataclass(frozen=True)
class Guessing:
    """The loss of the best answer that is the same for every cell, nats per cell.

    Attributes:
        train: on the training cells.
        validation: on those that a run is validated on.
    """

    train: float
    validation: float


def cell_weights(
    targets: Targets, weights: ClassWeights | None, patients: npt.NDArray[np.str_] | None = None
) -> Weights | None:
    """What each cell counts, float64 [n]: by its class and, where patients are told, by patient.

    Args:
        patients: [n]; each of them counts the same, however many cells there are of it, and a cell
            1 on average.

    Returns:
        None if each counts 1.
    """
    counted = np.ones(len(targets)) if weights is None else np.array(weights)[targets]
    if patients is not None and len(patients):
        _, numbers, cells = np.unique(patients, return_inverse=True, return_counts=True)
        counted = counted * len(targets) / (len(cells) * cells[numbers])
    return None if (counted == 1).all() else counted


def guessing(
    targets: Targets, weights: ClassWeights | None, patients: npt.NDArray[np.str_] | None = None
) -> float:
    """The loss of the best answer that is the same for all of these cells, nats per cell.

    That answer is each class's share of `cell_weights`; of two equal classes it is a coin's, ln 2.
    """
    found = cell_weights(targets, weights, patients)
    each_cell = np.ones(len(targets)) if found is None else found
    counted = [float(np.mean(each_cell * (targets == target))) for target in (0, 1)]
    return -sum(each * math.log(each / sum(counted)) for each in counted if each)
