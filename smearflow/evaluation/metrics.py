"""Figures of a binary classifier, for whole sets of cells and for weighted ones.

Everything is computed for many weightings of the same cells at once, because a bootstrap resample
of patients is nothing but an integer weight per cell.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from smearflow.evaluation.calibration import BINS, bin_of
from smearflow.ground.errors import SmearflowError

Floats = npt.NDArray[np.float64]

CONFUSION = ("tn", "fp", "fn", "tp")
METRICS = (
    "accuracy",
    "sensitivity",
    "specificity",
    "precision",
    "f1",
    "mcc",
    "roc_auc",
    "pr_auc",
    "calibration_error",
    "brier",
)


def classification_metrics(
    targets: npt.ArrayLike, probabilities: npt.ArrayLike, threshold: float
) -> dict[str, float | None]:
    """All of METRICS for one set of cells.

    Args:
        targets: [n], 1 = positive.
        probabilities: [n], of the positive class.
        threshold: a cell is called positive when its probability is at least this.

    Returns:
        A value per metric; None where it is undefined, such as ROC AUC of a single class.

    Raises:
        SmearflowError: a probability is not finite.
        ValueError: no cells, or two lengths.
    """
    scored = ScoredCells.of(targets, probabilities, threshold)
    values = scored.metrics(np.ones((1, len(scored.targets))))
    return {name: defined(value[0]) for name, value in values.items()}


def confusion_matrix(
    targets: npt.ArrayLike, probabilities: npt.ArrayLike, threshold: float
) -> dict[str, int]:
    """Numbers of true negatives, false positives, false negatives and true positives."""
    scored = ScoredCells.of(targets, probabilities, threshold)
    counts = scored.confusion(np.ones((1, len(scored.targets))))
    return {name: int(count[0]) for name, count in counts.items()}


def precision_at(prevalence: float, sensitivity: Floats, specificity: Floats) -> Floats:
    """Precision (positive predictive value) where another share of the cells is positive.

    Bayes' theorem: se p / (se p + (1 - sp) (1 - p)), where sensitivity and specificity are the same
    there.

    Args:
        prevalence: p, that share, in [0, 1].
        sensitivity: any shape.
        specificity: the same.

    Returns:
        The same; NaN where one of the two is, and where nothing is called positive.
    """
    hits = sensitivity * prevalence
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(hits / (hits + (1 - specificity) * (1 - prevalence)))


def defined(value: float) -> float | None:
    """A plain float, or None for NaN, which JSON cannot hold."""
    return None if np.isnan(value) else float(value)


@dataclass(frozen=True)
class ScoredCells:
    """Cells with a probability each, sorted by it, ready to be weighted in many ways.

    Attributes:
        targets: bool [n], by falling probability.
        probabilities: [n], falling.
        threshold: least probability that is called positive.
        order: position of each of these cells in the arrays given.
    """

    targets: npt.NDArray[np.bool_]
    probabilities: Floats
    threshold: float
    order: npt.NDArray[np.intp]

    @classmethod
    def of(
        cls, targets: npt.ArrayLike, probabilities: npt.ArrayLike, threshold: float
    ) -> "ScoredCells":
        """Check and sort; see `classification_metrics` for arguments and errors."""
        truth, scores = np.asarray(targets) == 1, np.asarray(probabilities, np.float64)
        if truth.ndim != 1 or truth.shape != scores.shape or not len(truth):
            raise ValueError(f"targets {truth.shape} and probabilities {scores.shape}")
        wrong = int((~np.isfinite(scores)).sum())
        if wrong:
            raise SmearflowError(
                f"{wrong} of {len(scores)} probabilities are not finite",
                "the model diverged in training: lower train.configuration.learning_rate",
            )
        order = np.argsort(-scores, kind="stable")
        return cls(truth[order], scores[order], threshold, order)

    @cached_property
    def _ties(self) -> npt.NDArray[np.intp]:
        """Where each run of equal probabilities begins."""
        return np.flatnonzero(np.diff(self.probabilities, prepend=np.inf))

    def metrics(self, weights: Floats) -> dict[str, Floats]:
        """Each of METRICS for each weighting.

        Args:
            weights: [w, n], not negative, in the order of the arrays given to `of`.

        Returns:
            [w] per metric; NaN where it is undefined.
        """
        counts = self.confusion(weights)
        tn, fp, fn, tp = (counts[name] for name in CONFUSION)
        with np.errstate(divide="ignore", invalid="ignore"):
            margins = np.sqrt(tp + fp) * np.sqrt(tp + fn) * np.sqrt(tn + fp) * np.sqrt(tn + fn)
            return {
                "accuracy": (tp + tn) / (tn + fp + fn + tp),
                "sensitivity": tp / (tp + fn),
                "specificity": tn / (tn + fp),
                "precision": tp / (tp + fp),
                "f1": 2 * tp / (2 * tp + fp + fn),
                "mcc": (tp * tn - fp * fn) / margins,  # Matthews 1975
                **self._ranking(weights[:, self.order]),
                **self._calibration(weights[:, self.order]),
            }

    def confusion(self, weights: Floats) -> dict[str, Floats]:
        """Weighted numbers of true and false negatives and positives, [w] each."""
        called = self.probabilities >= self.threshold
        cells = {
            "tn": ~self.targets & ~called,
            "fp": ~self.targets & called,
            "fn": self.targets & ~called,
            "tp": self.targets & called,
        }
        weights = weights[:, self.order]
        return {name: weights @ cells[name].astype(np.float64) for name in CONFUSION}

    def _ranking(self, weights: Floats) -> dict[str, Floats]:
        """ROC AUC as the Mann-Whitney statistic, ties counting half; PR AUC as average precision.

        Average precision is the sum of (R_k - R_k-1) P_k over the distinct probabilities, without
        interpolation (Davis & Goadrich 2006 on why not).
        """
        positive = np.add.reduceat(weights * self.targets, self._ties, axis=1)
        negative = np.add.reduceat(weights * ~self.targets, self._ties, axis=1)
        hits, misses = positive.cumsum(axis=1), negative.cumsum(axis=1)
        positives, negatives = hits[:, -1], misses[:, -1]
        ranked_below = negatives[:, None] - misses + negative / 2
        # Probabilities above every weighted cell have no precision, and no recall to add either.
        precision = hits / np.maximum(hits + misses, np.finfo(float).tiny)
        return {
            "roc_auc": (positive * ranked_below).sum(axis=1) / (positives * negatives),
            "pr_auc": (positive * precision).sum(axis=1) / positives,
        }

    def _calibration(self, weights: Floats) -> dict[str, Floats]:
        """Expected calibration error over BINS equal-width bins (Guo et al. 2017), Brier score.

        The error is that of the positive class: in each bin, mean probability against share of
        positives, averaged with the bins' numbers of cells as weights.
        """
        total = weights.sum(axis=1)
        excess = self.probabilities - self.targets
        in_bin = bin_of(self.probabilities)[:, None] == np.arange(BINS)
        return {
            "calibration_error": np.abs(weights @ (excess[:, None] * in_bin)).sum(axis=1) / total,
            "brier": weights @ excess**2 / total,
        }
