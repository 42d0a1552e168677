"""Which unlabelled cells to ask people about next."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from smearflow.edge.runtime import EdgeModel

Floats = npt.NDArray[np.floating]

LEAST_DOUBT = 0.05  # of a cell that the model is sure of: it may be sure and wrong


def wanted(
    model: EdgeModel,
    cells: npt.NDArray[np.uint8],
    groups: Sequence[str],
    budget: int,
    most_per_group: int,
) -> list[int]:
    """Cells whose labels should teach a model most, by `choose`.

    Args:
        cells: [n, size, size, 3], as the model takes them.
        groups: [n], what each is of, as patients.
    """
    probabilities, embeddings = model.predict(cells)
    novelty = model.novelty.usual.distances(embeddings) if model.novelty else np.ones(len(groups))
    unsure = doubts(probabilities, model.threshold)
    called = (probabilities >= model.threshold).tolist()
    return choose(embeddings, unsure, novelty, groups, called, budget, most_per_group)


def doubts(probabilities: Floats, threshold: float) -> npt.NDArray[np.float64]:
    """How unsure a model is of each cell: 1 at its threshold, LEAST_DOUBT or more elsewhere; [n].

    Args:
        probabilities: of the positive class, [n].
        threshold: from which one is called positive, in (0, 1).
    """
    given = np.asarray(probabilities, np.float64)
    below = given / threshold
    above = (1 - given) / (1 - threshold)
    return np.maximum(np.minimum(np.minimum(below, above), 1.0), LEAST_DOUBT)


def choose(
    embeddings: Floats,
    doubt: Floats,
    novelty: Floats,
    patients: Sequence[str],
    called: Sequence[bool],
    budget: int,
    most_per_patient: int,
) -> list[int]:
    """Cells whose labels should teach most: unsure, unlike what is known, unlike each other.

    In turn one that the model calls positive and one that it does not, while there are both: cells
    of one class alone teach that a new site has no others.

    Greedy k-centre (Gonzalez 1985, as in Sener and Savarese 2018 for core sets), in which a cell's
    distance to the nearest one chosen is weighted by the doubt about it. What the model has learned
    from counts as chosen before the first, by `novelty`; both kinds of distance are in units of
    their median.

    Args:
        embeddings: [n, D].
        doubt: [n], above 0.
        novelty: [n], distance of each cell from what the model has learned from.
        patients: [n], whose cell each is.
        called: [n], whether the model calls it positive.
        budget: cells at most.
        most_per_patient: of them.

    Returns:
        Indices, the most wanted first.
    """
    points = np.asarray(embeddings, np.float64)
    nearest = _in_medians(np.asarray(novelty, np.float64))
    unit = _usual_distance(points)
    left, taken = np.full(len(points), True), Counter[str]()
    chosen: list[int] = []
    whose, positive = np.asarray(patients, dtype=object), np.asarray(called, bool)
    while len(chosen) < budget and left.any():
        in_turn = left & (positive == (len(chosen) % 2 == 0))
        able = in_turn if in_turn.any() else left
        best = int(np.argmax(np.where(able, nearest * doubt, -np.inf)))
        chosen.append(best)
        left[best] = False
        taken[patients[best]] += 1
        if taken[patients[best]] >= most_per_patient:
            left &= whose != patients[best]
        away = np.linalg.norm(points - points[best], axis=1) / unit
        nearest = np.minimum(nearest, away)
    return chosen


def draw(patients: Sequence[str], budget: int, most_per_patient: int) -> list[int]:
    """Cells at random, always the same of the same; indices, in the order drawn.

    Args:
        patients: [n], whose cell each is.
        budget: cells at most.
        most_per_patient: of them.
    """
    taken = Counter[str]()
    drawn: list[int] = []
    for index in np.random.default_rng(1).permutation(len(patients)).tolist():
        if len(drawn) < budget and taken[patients[index]] < most_per_patient:
            taken[patients[index]] += 1
            drawn.append(index)
    return drawn


def _in_medians(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    middle = float(np.median(values)) if len(values) else 0.0
    return values / middle if middle > 0 else np.ones_like(values)


def _usual_distance(points: npt.NDArray[np.float64]) -> float:
    """The median distance from the centre; 1 where all are one."""
    if not len(points):
        return 1.0
    return float(np.median(np.linalg.norm(points - points.mean(axis=0), axis=1))) or 1.0
