"""How often a challenge is decided, and how, by the number of test patients.

    python -m benchmarks.power                 at the sample's and the NIH set's numbers
    python -m benchmarks.power --patients 24   at others

Two models answer the cells of simulated patients: how good a model is differs between patients as
it does on the NIH set, and most of what one gets wrong the other gets wrong, too. The rule of
smearflow.release judges the one against the other, again and again.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from smearflow.assessment.paired import Scores
from smearflow.params.registry import RegistrySettings
from smearflow.records.contest import Comparison
from smearflow.release.contest import HeldOutCells, Resampling, Rival, compare
from smearflow.release.promotion import Rule, should_promote

CORRECT, DEVIATION = 0.95, 0.03  # of a class's cells, in the mean and between patients
ONE_OF_TWO = 0.4  # of the errors of a model, those that another of the same quality does not make
TRUE = (0.02, 0.01, 0.0, -0.01, -0.02, -0.04)  # differences of both sensitivity and specificity
ANSWERS = ("promoted", "undecided", "rejected")


class Patients(NamedTuple):
    """A test side: so many patients, and cells of each class of every one of them."""

    name: str
    patients: int
    cells: int


SETS = (Patients("sample", 60, 20), Patients("NIH", 40, 68))


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power", description=__doc__)
    parser.add_argument("--patients", type=int, nargs="*", default=[], help="of the test side")
    parser.add_argument("--cells", type=int, default=20, help="of each class of a patient")
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--samples", type=int, default=400, help="of the bootstrap")
    asked = parser.parse_args(arguments)
    own = RegistrySettings(share=False)
    rule = Rule(own.margin, own.least_patients, "accuracy")
    print(f"{'test side':<28}{'truly':>8}{''.join(f'{answer:>11}' for answer in ANSWERS)}")
    sets = [Patients("", count, asked.cells) for count in asked.patients] or SETS
    for each in sets:
        for true in TRUE:
            found = decided(each, true, rule, asked.repeats, asked.samples)
            shares = "".join(f"{found[answer] / asked.repeats:>11.0%}" for answer in ANSWERS)
            place = f"{each.name} {each.patients} patients, {each.cells} cells"
            print(f"{place:<28}{true:>+8.2f}{shares}", flush=True)


def decided(side: Patients, true: float, rule: Rule, repeats: int, samples: int) -> "Counter[str]":
    """How often each answer is given to a challenger that truly differs by so much."""
    return Counter(
        should_promote(list(_challenge(side, true, seed, samples)), rule).answer
        for seed in range(repeats)
    )


def _challenge(side: Patients, true: float, seed: int, samples: int) -> Iterator[Comparison]:
    rng = np.random.default_rng(seed)
    cells = 2 * side.cells * side.patients
    patients = np.repeat([f"s/{n}" for n in range(side.patients)], 2 * side.cells)
    targets = np.tile(np.repeat([1, 0], side.cells), side.patients).astype(np.int8)
    wrong = _errors(side, true, rng)
    one, other = (np.where(each, 1 - targets, targets).astype(float) for each in wrong)
    held_out = HeldOutCells(targets, patients, np.full(cells, "s"), "s")
    rival = Rival("champion", Scores(other, 0.5), np.full(cells, True))
    resampling = Resampling(samples, seed, RegistrySettings(share=False).confidence)
    return compare(held_out, Scores(one, 0.5), rival, [], "accuracy", resampling)


def _errors(
    side: Patients, true: float, rng: np.random.Generator
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which cells the challenger gets wrong, and which the champion, [n] each.

    Of a patient and a class the rate of errors is drawn from a beta distribution. A share of the
    errors is made by both; the rest each makes on its own, the challenger more or fewer by `true`.
    """
    mean = 1 - CORRECT
    size = mean * (1 - mean) / DEVIATION**2 - 1
    rates = rng.beta(mean * size, (1 - mean) * size, 2 * side.patients).repeat(side.cells)
    both = rng.random(len(rates)) < rates * (1 - ONE_OF_TWO)
    alone = rates * ONE_OF_TWO
    champion = both | (rng.random(len(rates)) < alone + max(true, 0))
    challenger = both | (rng.random(len(rates)) < alone + max(-true, 0))
    return challenger, champion


if __name__ == "__main__":
    main()
