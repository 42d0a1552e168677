"""What cells of each class count in the loss, and what a loss is worth where a class is rare.

Training and validation loss are weighted alike. The weights are those of all training cells, for
every run on some of them too, so that losses compare: what early stopping, the learning rate and
the search go by is the loss that is trained. An unweighted validation loss would count the shift
of the probabilities that the weights are there for as a mistake, prefer epochs and settings in
which they have not worked yet, and hardly notice a rare class. What is told of a model afterwards,
from accuracy to PR AUC, weighs no cell.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Targets = npt.NDArray[np.int8]

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


def guessing(targets: Targets, weights: ClassWeights | None) -> float:
    """The loss of the best answer that is the same for all of these cells, nats per cell.

    That answer is each class's share of the weights; of two equal classes it is a coin's, ln 2.
    """
    negative, positive = weights or (1.0, 1.0)
    share = float(np.mean(targets == 1))
    counted = (negative * (1 - share), positive * share)
    return -sum(each * math.log(each / sum(counted)) for each in counted if each)
