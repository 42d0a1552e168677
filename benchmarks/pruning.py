"""Would pruning of hopeless trials pay? Replayed on the curves of runs that were made in full.

    python -m benchmarks.pruning --run . --run runs/nih

The median rule (Golovin et al. 2017, "Google Vizier", KDD): after an epoch a trial ends if its
lowest validation loss so far is above the median that earlier trials had by then. Trials go two at
a time, as in `tune`, so that a pair does not know of each other. Ten of the recorded runs are drawn
in a random order, many times. Prints a Markdown table: how often the eventual winner is among the
killed, and which share of the epochs is saved.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.tables import markdown
from smearflow.ground.errors import SmearflowError
from smearflow.records.exploration import Runs
from smearflow.records.search.trials import Trials

TRIALS, AT_ONCE, LEAST = 10, 2, 4  # earlier trials before the first is pruned
GRACE = (1, 2, 3, 5)  # epochs that every trial gets
DRAWS = 1000

Curve = npt.NDArray[np.float64]


class Replayed(NamedTuple):
    """What the rule would have done.

    Attributes:
        killed: share of the searches whose winner would have been pruned.
        saved: share of the epochs.
    """

    killed: float
    saved: float


def main(arguments: list[str] | None = None) -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pruning", description=__doc__)
    parser.add_argument("--run", type=Path, action="append", required=True)
    options = parser.parse_args(arguments)
    try:
        found = {f"{run}, {what}": curves for run in options.run for what, curves in recorded(run)}
    except SmearflowError as error:
        sys.exit(f"error: {error}")
    print(table(found), flush=True)


def recorded(run: Path) -> list[tuple[str, list[Curve]]]:
    """Validation losses by epoch: of the trials, and of the exploration's longest kind of run."""
    trials = [each.curve for each in Trials.read(run).trials if each.val_loss is not None]
    runs = [each for each in Runs.read(run).runs if each.val_loss is not None]
    tuned = [each.curve for each in runs if each.configuration.trainable != "frozen"]
    return [
        ("trials", [_losses(curve) for curve in trials if curve is not None]),
        ("exploration, not frozen", [_losses(curve) for curve in tuned]),
    ]


def _losses(curve: Mapping[str, Sequence[float | None]]) -> Curve:
    return np.array([np.inf if loss is None else loss for loss in curve["val_loss"]])


def replay(curves: Sequence[Curve], grace: int, draws: int = DRAWS) -> Replayed:
    """Search after search in random order.

    Args:
        grace: epochs that every trial gets.
    """
    rng = np.random.default_rng(1)
    killed, spent, whole = 0, 0, 0
    for _ in range(draws):
        order = rng.permutation(len(curves))[:TRIALS]
        lengths = prune([curves[i] for i in order], grace)
        finals = [curves[i].min() for i in order]
        winner = int(np.argmin(finals))
        killed += lengths[winner] < len(curves[order[winner]])
        spent += sum(lengths)
        whole += sum(len(curves[i]) for i in order)
    return Replayed(killed / draws, 1 - spent / whole)


def prune(curves: Sequence[Curve], grace: int) -> list[int]:
    """How many epochs each trial gets, in order; those before it tell whether it is hopeless."""
    lowest = [np.minimum.accumulate(curve) for curve in curves]
    lengths: list[int] = []
    for start in range(0, len(curves), AT_ONCE):
        earlier = list(zip(lowest[:start], lengths, strict=True))
        for own in lowest[start : start + AT_ONCE]:
            lengths.append(_length(own, earlier, grace))
    return lengths


def _length(own: Curve, earlier: Sequence[tuple[Curve, int]], grace: int) -> int:
    for epoch in range(grace, len(own)):
        then = [each[min(epoch, length) - 1] for each, length in earlier]
        if len(then) >= LEAST and own[epoch - 1] > np.median(then):
            return epoch
    return len(own)


def table(found: Mapping[str, Sequence[Curve]]) -> str:
    """Markdown: a row per set of curves and grace."""
    rows = []
    for name, curves in found.items():
        for grace in GRACE:
            if len(curves) >= TRIALS and grace < max(map(len, curves)):
                told = replay(curves, grace)
                shares = f"{told.killed:.1%}", f"{told.saved:.0%}"
                rows.append((name, len(curves), grace, *shares))
    return markdown(("curves", "number", "epochs before", "winner killed", "epochs saved"), rows)


if __name__ == "__main__":
    main()
