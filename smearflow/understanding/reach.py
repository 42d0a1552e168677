"""How much figures of so many test patients can say."""

import math

from scipy.stats import t

# Standard deviation of the accuracy between patients: 33 patients of the NLM/NIH set, who had 3 to
# 5 hundred cells at most, on the validation and test side of one run (docs/results.md). Chance
# within patients alone would make 0.018 of it.
BETWEEN = 0.044
LEVEL = 0.95


def half_width(groups: int, between: float = BETWEEN) -> float | None:
    """How far the mean accuracy of test patients may be off, with probability LEVEL.

    Patients are the units, however many cells they have: t x s / sqrt(n), with t of n - 1 degrees
    of freedom (Student 1908) and s the standard deviation between patients.

    Args:
        groups: patients, n.
        between: s.

    Returns:
        None of fewer than two, which tell nothing of their spread.
    """
    if groups < 2:
        return None
    return float(t.ppf((1 + LEVEL) / 2, groups - 1) * between / math.sqrt(groups))
