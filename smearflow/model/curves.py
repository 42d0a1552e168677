"""Training curves and what they say."""

import math
import statistics
from itertools import pairwise

Curve = dict[str, list[float | None]]
"""Values per epoch of each of SERIES; None where one is not finite.

gradient_norm is the largest of the epoch, before clipping."""

SERIES = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "gradient_norm")
GUESSING = math.log(2)  # cross-entropy of a coin, nats: of guesses where classes are as frequent
BEYOND_RECOVERY = 100.0  # nats; the right answers get probabilities of e^-100 on average

_ORDERS = 100.0  # two orders of magnitude: no batch is that unlike the others
_LEAST_EPOCHS = 5  # fewer say nothing about the second half of a training
_NOISE = 0.15  # of the best validation loss, to and fro in each late epoch


def diagnose(curve: Curve, guessing: float = GUESSING) -> str:
    """A few words for a curve, the worst that is true of it.

    Args:
        curve: loss and val_loss at least.
        guessing: `weighting.guessing` of the training cells.

    Returns:
        diverged: a loss is not finite, or training ended far worse than guessing, or validation
            beyond recovery.
        exploding: a loss or a gradient norm shot up by orders of magnitude, wherever it ended.
        stagnated: the training loss never got clearly below that of guessing.
        training loss rising: it ended well above its lowest value.
        overfitting from epoch k: the validation loss ended well above its best, that of epoch
            k - 1, while the training loss fell on.
        loss rising while accuracy still rises: the same, but the validation accuracy had not
            peaked: the network is only too sure of the cells it gets wrong.
        noisy late: in the second half the validation loss jumps up and down from epoch to epoch.
        still improving: the last epoch was the best, by a margin.
        saturated: the validation loss was all but at its best by half-time, and stayed there.
        healthy: none of these.
    """
    losses, validation = _finite(curve["loss"]), _finite(curve["val_loss"])
    if losses is None or validation is None:
        return "diverged"
    if losses[-1] > 2 * guessing or validation[-1] > BEYOND_RECOVERY:
        return "diverged"
    shot_up = any(_shoots_up(each, guessing) for each in (losses, validation))
    if shot_up or _gradient_explodes(curve):
        return "exploding"
    if min(losses) > 0.9 * guessing:
        return "stagnated"
    if len(losses) > 2 and min(losses[-2:]) > 1.2 * min(losses) + 0.02:
        return "training loss rising"
    return _second_half(losses, validation, curve.get("val_accuracy", []))


def _finite(values: list[float | None]) -> list[float] | None:
    """The values, or None if there are none or one is missing."""
    finite = [value for value in values if value is not None and math.isfinite(value)]
    return finite if finite and len(finite) == len(values) else None


def _shoots_up(losses: list[float], guessing: float) -> bool:
    """Whether a loss was out of proportion: at once, or after it had been a tenth of that."""
    lowest = math.inf
    for loss in losses:
        if loss > _ORDERS * guessing or loss > max(2 * guessing, 10 * lowest):
            return True
        lowest = min(lowest, loss)
    return False


def _gradient_explodes(curve: Curve) -> bool:
    norms = curve.get("gradient_norm", [])
    finite = _finite(norms)
    if finite is None:
        return bool(norms)
    return max(finite) > _ORDERS * statistics.median(finite)


def _second_half(
    losses: list[float], validation: list[float], accuracies: list[float | None]
) -> str:
    """What is true of a training that went well at first."""
    best = validation.index(min(validation))
    late = statistics.fmean(validation[max(best + 1, len(validation) - 2) :] or validation[-1:])
    if min(late, validation[-1]) > 1.2 * validation[best] + 0.02 and losses[-1] < losses[best]:
        if _still_rises(_finite(accuracies), best):
            return "loss rising while accuracy still rises"
        return f"overfitting from epoch {best + 2}"
    if _noisy(validation):
        return "noisy late"
    if best == len(validation) - 1 and validation[best] < 0.97 * min(validation[:-1], default=0):
        return "still improving"
    if _saturated(validation, late):
        return "saturated"
    return "healthy"


def _still_rises(accuracies: list[float] | None, best: int) -> bool:
    """Whether the accuracy peaked at the end, clearly above that of the epoch of the best loss."""
    if accuracies is None:
        return False
    return max(accuracies[-2:]) >= max(accuracies) and accuracies[-1] > accuracies[best] + 0.005


def _noisy(validation: list[float]) -> bool:
    """Whether the late epochs went to and fro: a steady fall, however steep, is no noise."""
    changes = [after - before for before, after in pairwise(validation[len(validation) // 2 - 1 :])]
    to_and_fro = sum(map(abs, changes)) - abs(sum(changes))
    enough = len(validation) >= _LEAST_EPOCHS
    return enough and to_and_fro > _NOISE * min(validation) * len(changes)


def _saturated(validation: list[float], late: float) -> bool:
    best = min(validation)
    reached = next(epoch for epoch, loss in enumerate(validation, 1) if loss <= 1.03 * best)
    enough = len(validation) > _LEAST_EPOCHS and reached <= len(validation) / 2
    return enough and late <= 1.1 * best
