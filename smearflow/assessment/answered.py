"""What becomes of cells where the model answers only those that it is sure of."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.assessment.bootstrap import draw_patients, estimate
from smearflow.records.figures import Answered
from smearflow.records.operating import AnswerLimits

_SHARES = {  # of which cells each is a share
    "coverage": ("answered", "cells"),
    "error": ("wrong", "answered"),
    "missed": ("missed", "positive"),
    "false": ("false", "negative"),
}


def answered(
    targets: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    patients: npt.ArrayLike,
    limits: AnswerLimits,
    samples: int,
    seed: int,
) -> Answered:
    """Shares of cells of new patients, with intervals of a patient bootstrap.

    Args:
        targets: [n], 1 = positive.
        probabilities: [n], of the positive class, by the model whose limits these are.
        patients: [n], which patient each cell is of.
        limits: between which nothing is answered.
        samples: number of resamples.
        seed: the same seed gives the same intervals.
    """
    positive, scores = np.asarray(targets) == 1, np.asarray(probabilities)
    missed, false = positive & (scores < limits.lower), ~positive & (scores >= limits.upper)
    cells = pd.DataFrame(
        {
            "cells": np.ones(len(scores)),
            "positive": positive,
            "negative": ~positive,
            "answered": (scores < limits.lower) | (scores >= limits.upper),
            "missed": missed,
            "false": false,
            "wrong": missed | false,
        },
        dtype=np.float64,
    )
    counts = cells.groupby(np.asarray(patients)).sum()
    draws = draw_patients(len(counts), samples, seed)
    drawn = pd.DataFrame(draws @ counts.to_numpy(), columns=counts.columns)
    total = counts.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return Answered(
            **{
                name: estimate(
                    np.divide(total[part], total[whole]), (drawn[part] / drawn[whole]).to_numpy()
                )
                for name, (part, whole) in _SHARES.items()
            }
        )
