"""Which of the best trials wins, when they are run again on seeds the search never saw.

The lowest of many trials is low by luck, too: run again, some of it is gone.
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from smearflow.params.model import Configuration
from smearflow.records.search.finalists import Finalist, Finalists, Gain
from smearflow.records.search.trials import TrialRecord

_SURE = 0.05  # level of the test of all finalists against one

Losses = Sequence[float | None]


def first_trials(trials: Sequence[TrialRecord], count: int) -> list[TrialRecord]:
    """The best completed trials, the lowest loss first."""
    completed = [each for each in trials if each.status == "COMPLETED"]
    return sorted(completed, key=lambda each: each.loss)[:count]


def decide(
    finalists: Sequence[TrialRecord],
    losses: Sequence[Losses],
    usual: Configuration,
    seeds: Sequence[int],
    epochs: int,
) -> Finalists:
    """The winner: the defaults, unless trials are better than they for sure.

    Of these the simplest, then the cheapest, of those that can't be told from the lowest.

    Args:
        finalists: the best of the search first; it wins where a run of everything diverged.
        losses: of each finalist's runs, then of the defaults'; None: diverged.
        usual: the defaults.
        seeds: of the runs.
        epochs: the most of each run.
    """
    names = [*(each.trial_id for each in finalists), None]
    configurations = [*(each.configuration for each in finalists), usual]
    trained = {number: _known(each) for number, each in enumerate(losses) if None not in each}
    alike, default = _alike(trained) or [0], len(finalists)
    pool = alike
    if default in trained:
        better = _better(trained, default)
        pool = [number for number in alike if number in better] or [default]
    winner = min(pool, key=lambda number: _effort(configurations[number], usual))
    rows = [
        _row(name, configuration, found, number in alike)
        for number, (name, configuration, found) in enumerate(
            zip(names, configurations, losses, strict=True)
        )
    ]
    return Finalists(
        seeds=tuple(seeds),
        epochs=epochs,
        rows=tuple(rows),
        winner=names[winner],
        gain=_gain(trained, names, winner) if default in trained else None,
    )


def _row(
    trial_id: str | None, configuration: Configuration, losses: Losses, alike: bool
) -> Finalist:
    known = _known(losses)
    whole = len(known) == len(losses)
    return Finalist(
        trial_id=trial_id,
        configuration=configuration,
        losses=tuple(losses),
        mean=statistics.fmean(known) if whole else None,
        std=statistics.stdev(known) if whole and len(known) > 1 else None,
        alike=alike,
    )


def _known(losses: Losses) -> list[float]:
    return [each for each in losses if each is not None]


def _effort(configuration: Configuration, usual: Configuration) -> tuple[int, int, int]:
    """In how many fields a configuration differs from the defaults, and what it costs to train.

    The learning rate is no complication: every configuration has one.
    """
    differing = [
        name
        for name in Configuration.model_fields
        if name != "learning_rate" and getattr(configuration, name) != getattr(usual, name)
    ]
    layers = {"frozen": 0, "all": 10**6}
    trained = configuration.trainable
    depth = layers[trained] if isinstance(trained, str) else trained
    return len(differing), depth, configuration.hidden_units


def _alike(trained: Mapping[int, Sequence[float]]) -> list[int]:
    """Which can't be told from the lowest, itself first."""
    if not trained:
        return []
    lowest = _lowest(trained)
    others = [number for number in trained if number != lowest]
    found = _against(trained[lowest], [trained[number] for number in others])
    chances = [1.0] * len(others) if found is None else list(found.pvalue)
    return [lowest, *(number for number, p in zip(others, chances, strict=True) if p >= _SURE)]


def _better(trained: Mapping[int, Sequence[float]], default: int) -> list[int]:
    """Which have a lower loss than the defaults for sure."""
    others = [number for number in trained if number != default]
    found = _against(trained[default], [trained[number] for number in others])
    if found is None:
        return []
    usual = statistics.fmean(trained[default])
    return [
        number
        for number, p in zip(others, found.pvalue, strict=True)
        if p < _SURE and statistics.fmean(trained[number]) < usual
    ]


def _lowest(trained: Mapping[int, Sequence[float]]) -> int:
    return min(trained, key=lambda number: statistics.fmean(trained[number]))


def _gain(
    trained: Mapping[int, Sequence[float]], names: Sequence[str | None], winner: int
) -> Gain | None:
    """Of the winner over the defaults, which stand last; where these win, of the lowest trial.

    None where no trial was trained.
    """
    default = len(names) - 1
    trials = {number: each for number, each in trained.items() if number != default}
    if not trials:
        return None
    of = _lowest(trials) if winner == default else winner
    name = names[of]
    assert name is not None
    difference = statistics.fmean(trained[default]) - statistics.fmean(trained[of])
    found = _against(trained[default], list(trials.values()))
    if found is None:
        return Gain(trial_id=name, difference=difference, low=None, high=None)
    interval, place = found.confidence_interval(), list(trials).index(of)
    return Gain(
        trial_id=name,
        difference=difference,
        low=-float(interval.high[place]),
        high=-float(interval.low[place]),
    )


def _against(control: Sequence[float], samples: Sequence[Sequence[float]]) -> Any:
    """All samples against one (Dunnett 1955); None where runs alike do not tell of their spread."""
    if not samples or len(control) < 2 or all(np.ptp(each) == 0 for each in (control, *samples)):
        return None
    return stats.dunnett(*samples, control=control, rng=np.random.default_rng(0))
