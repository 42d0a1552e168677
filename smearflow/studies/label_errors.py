"""Labels that are likely wrong, by confident learning (Northcutt et al. 2021, JAIR 70:1373-1411).

Everything here wants probabilities of cells that the network was not trained on: what it has
learned by heart it does not doubt.
"""

import numpy as np
import numpy.typing as npt
from cleanlab.count import estimate_joint
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

from smearflow.records.crossval import LabelNoise

_RANKED_BY = "self_confidence"  # the probability of the label as it is


def by_doubt(targets: npt.ArrayLike, probabilities: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Indices of all cells, the one whose label is least probable first.

    Args:
        targets: [n], 1 = positive.
        probabilities: [n], of the positive class.
    """
    quality = get_label_quality_scores(*_labels(targets, probabilities), method=_RANKED_BY)
    return np.argsort(quality, kind="stable")


def likely_wrong(targets: npt.ArrayLike, probabilities: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Indices of the cells whose label is likely wrong, the least probable first.

    They are as many as are confidently of the other class, by thresholds that the classes' own
    mean probabilities set.

    Args:
        targets: [n], 1 = positive, both classes among them.
        probabilities: [n], of the positive class.
    """
    found = find_label_issues(
        *_labels(targets, probabilities), filter_by=f"low_{_RANKED_BY}", n_jobs=1
    )
    return by_doubt(targets, probabilities)[: int(found.sum())]


def label_noise(targets: npt.ArrayLike, probabilities: npt.ArrayLike) -> LabelNoise:
    """Estimate how many labels are wrong from the joint distribution of given and true labels.

    Where a label of true class k is wrong with a probability e_k, two independent looks at a cell
    of that class differ with a probability of 2 e_k (1 - e_k).

    Args:
        targets: [n], 1 = positive, both classes among them.
        probabilities: [n], of the positive class.
    """
    joint = estimate_joint(*_labels(targets, probabilities))  # [given, true]
    true = joint.sum(axis=0)
    errors = 1 - np.divide(joint.diagonal(), true, out=np.ones(2), where=true > 0)
    noise = float(1 - joint.trace())
    return LabelNoise(
        cells=np.size(targets),
        likely_wrong=len(likely_wrong(targets, probabilities)),
        noise=noise,
        disputed=float(true @ (2 * errors * (1 - errors))),
        ceiling=1 - noise,
    )


def _labels(
    targets: npt.ArrayLike, probabilities: npt.ArrayLike
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """As cleanlab takes them: labels [n] and probabilities [n, 2] of both classes."""
    positive = np.asarray(probabilities, np.float64)
    return np.asarray(targets, np.int64), np.stack([1 - positive, positive], axis=1)
