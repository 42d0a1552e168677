"""What frozen features are worth: a linear classifier on them, judged on patients it never saw."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ITERATIONS = 500  # of L-BFGS; features of a good backbone need about a hundred


@dataclass(frozen=True)
class Probe:
    """Accuracy of a linear classifier per fold of patients.

    Attributes:
        folds: share of cells classified rightly, in [0, 1], one value a fold.
    """

    folds: tuple[float, ...]

    @property
    def accuracy(self) -> float:
        """Mean of the folds."""
        return float(np.mean(self.folds))


def linear_probe(
    features: npt.NDArray[np.float32],
    targets: npt.ArrayLike,
    patients: npt.ArrayLike,
    *,
    folds: int = 5,
    seed: int = 1,
    strength: float = 0.01,
) -> Probe:
    """Fit logistic regression on the features of some patients and score it on the others.

    Features are standardised with the mean and spread of the training cells. The measure is that of
    Alain & Bengio 2016 (arXiv:1610.01644).

    Args:
        features: [n, D].
        targets: [n], 1 = positive.
        patients: [n]; no patient is on both sides of a fold.
        folds: at most the number of patients.
        strength: C of the regression, the inverse of its L2 penalty.

    Raises:
        ValueError: fewer patients than folds, arrays of several lengths, or features that are not
            finite.
    """
    truth, groups = np.asarray(targets), np.asarray(patients)
    if len(np.unique(groups)) < folds:
        raise ValueError(f"{folds} folds need {folds} patients, not {len(np.unique(groups))}")
    classifier = make_pipeline(
        StandardScaler(), LogisticRegression(C=strength, max_iter=ITERATIONS)
    )
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    scores = []
    for train, test in splitter.split(features, truth, groups):
        classifier.fit(features[train], truth[train])
        scores.append(float(classifier.score(features[test], truth[test])))
    return Probe(tuple(scores))
