"""Training curves and what they say."""

import math

Curve = dict[str, list[float | None]]
"""Values per epoch of each of SERIES; None where one is not finite."""

SERIES = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")
GUESSING = math.log(2)  # cross-entropy of a coin, nats
BEYOND_RECOVERY = 100.0  # nats; the right answers get probabilities of e^-100 on average


def diagnose(curve: Curve) -> str:
    """One word or two for a curve, the worst that is true of it.

    Returns:
        diverged: a loss is not finite, or training ended far worse than guessing, or validation
            beyond recovery.
        stagnated: the training loss never got clearly below that of guessing.
        overfitting: the validation loss ended well above its best while the training loss fell on.
        still improving: the last epoch was the best, by a margin.
        healthy: none of these.
    """
    losses, validation = _finite(curve["loss"]), _finite(curve["val_loss"])
    if losses is None or validation is None:
        return "diverged"
    if losses[-1] > 2 * GUESSING or validation[-1] > BEYOND_RECOVERY:
        return "diverged"
    best = validation.index(min(validation))
    if min(losses) > 0.9 * GUESSING:
        return "stagnated"
    if validation[-1] > 1.2 * validation[best] + 0.02 and losses[-1] < losses[best]:
        return "overfitting"
    if best == len(validation) - 1 and validation[best] < 0.97 * min(validation[:-1], default=0):
        return "still improving"
    return "healthy"


def _finite(values: list[float | None]) -> list[float] | None:
    """The values, or None if there are none or one is missing."""
    finite = [value for value in values if value is not None and math.isfinite(value)]
    return finite if finite and len(finite) == len(values) else None
