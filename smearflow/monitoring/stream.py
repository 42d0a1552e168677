"""A test over the stream of patients: may be looked at after each, however long it runs.

Each patient's score gets a conformal p-value, its rank among the baseline's patients and all
before it. While patients are exchangeable these are independent, whatever the scores are (Vovk,
Gammerman & Shafer 2022, Algorithmic Learning in a Random World, 2nd ed., ch. 8); a player who bets
on small ones then wins 1 / rate times the stake, ever, with a chance of at most the rate (Ville).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STAKES = (1.0, 0.5, 0.2)  # exponents of the bets; 1 bets nothing, the less the bolder
JUMP = 0.01  # share of the capital that changes bets before each patient: a change may come late


def ranks(stream: npt.ArrayLike, baseline: npt.ArrayLike) -> Floats:
    """Conformal p-values of scores, [n], each by the baseline's and those before it; ties count.

    Args:
        stream: [n], in their order; the higher, the stranger.
        baseline: [b], of patients of whom none is in the stream.
    """
    scores, usual = np.asarray(stream, float), np.asarray(baseline, float)
    values = np.concatenate([usual, scores])
    return np.array(
        [
            (1 + np.sum(values[: len(usual) + i] >= score)) / (len(usual) + i + 1)
            for i, score in enumerate(scores)
        ],
        dtype=float,
    )


def capital(p_values: npt.ArrayLike) -> Floats:
    """What a player has who began with 1 and bet against each of n p-values in turn, [n].

    The simple jumper of Vovk et al. (2021, PMLR 152:191-210) with the bets a p^(a - 1), which win
    on small values (Shafer, Shen, Vereshchagin & Vovk 2011, Statistical Science 26:84-101).

    Args:
        p_values: [n], in (0, 1].
    """
    stakes = np.array(STAKES)
    shares, course = np.full(len(stakes), 1 / len(stakes)), []
    for p in np.asarray(p_values, float):
        shares = (1 - JUMP) * shares + JUMP * shares.mean()
        shares = shares * stakes * p ** (stakes - 1)
        course.append(shares.sum())
    return np.array(course, dtype=float)


def evidence(
    stream: Sequence[Mapping[str, float]], baseline: Mapping[str, npt.ArrayLike]
) -> Floats:
    """Evidence of a change after each patient, [n]: above 1 / rate it raises an alarm.

    The mean of the players' capitals, one per kind of score: however the kinds depend on each
    other, that is the capital of one player who gave each an equal part (Vovk & Wang 2021, Annals
    of Statistics 49:1736-1754), so no correction for several tests is needed.

    Args:
        stream: the scores of each patient by kind, in order of arrival.
        baseline: by kind, the scores of the baseline's patients.
    """
    courses = [
        capital(ranks([patient[kind] for patient in stream], usual))
        for kind, usual in baseline.items()
    ]
    return np.mean(courses, axis=0) if courses else np.ones(len(stream))
