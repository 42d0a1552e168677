"""Whether the labels of a hand-in can be meant as they stand: all of them may be swapped."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import fisher_exact

from smearflow.records.feedback import Agreement

UNLIKELY = 0.001  # p-value below which a batch is flagged


def agreement(labels: Sequence[bool], answers: Sequence[bool]) -> Agreement:
    """Compare the labels of cells with what the model in use answers.

    A model that fails at a new site answers by chance, and labels then agree as often as chance
    has it. Labels that agree far less than that speak against every cell at once, as where the two
    classes were taken for each other. Fisher's exact test (R. A. Fisher, 1935), one-sided, of a
    negative association tells that from a few cells too few; it takes cells for independent.

    Args:
        labels: [n], whether positive.
        answers: [n], likewise.
    """
    given, told = np.asarray(labels, bool), np.asarray(answers, bool)
    if not len(given):
        return Agreement(cells=0, share=None, p_value=None, flagged=False)
    p_value = None
    if 0 < given.sum() < len(given) and 0 < told.sum() < len(told):
        table = [
            [int((given & told).sum()), int((given & ~told).sum())],
            [int((~given & told).sum()), int((~given & ~told).sum())],
        ]
        p_value = float(fisher_exact(table, alternative="less").pvalue)
    return Agreement(
        cells=len(given),
        share=float((given == told).mean()),
        p_value=p_value,
        flagged=p_value is not None and p_value < UNLIKELY,
    )
