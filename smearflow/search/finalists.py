"""Which of the best trials wins, when they are run again on seeds the search never saw.

The lowest of many trials is low by luck, too: run again, some of it is gone.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import stats

from smearflow.params.model import Configuration
from smearflow.records.search.finalists import Finalist, Finalists, Gain
from smearflow.records.search.trials import TrialRecord

_SURE = 0.05  # level of the test of all finalists against one

Losses = Sequence[float | None]


def first_trials(trials: Sequence[TrialRecord], count: int) -> list[TrialRecord]:
    """The best completed trials, the lowest loss first; of Hyperband's those that went all the way.

    Raises:
        ValueError: none completed.
    """
    completed = [each for each in trials if each.status == "COMPLETED"]
    longest = max(each.configuration.epochs for each in completed)
    whole = [each for each in completed if each.configuration.epochs == longest]
    return sorted(whole, key=lambda each: each.loss)[:count]


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
    gains = _Gains.of(trained, default) if default in trained else None
    pool = alike
    if gains:
        pool = [number for number in alike if number in gains.sure] or [default]
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
        gain=gains.told(winner, names) if gains and gains.trials else None,
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


def _lowest(trained: Mapping[int, Sequence[float]]) -> int:
    return min(trained, key=lambda number: statistics.fmean(trained[number]))


@dataclass(frozen=True)
class _Gains:
    """What trials gain over the defaults.

    Attributes:
        default: losses of the defaults.
        trials: losses of the trials, by their places.
        compared: all of them with the defaults; None where the spread is unknown.
    """

    default: Sequence[float]
    trials: Mapping[int, Sequence[float]]
    compared: Any

    @classmethod
    def of(cls, trained: Mapping[int, Sequence[float]], default: int) -> Self:
        trials = {number: each for number, each in trained.items() if number != default}
        return cls(trained[default], trials, _against(trained[default], list(trials.values())))

    def _difference(self, number: int) -> float:
        return statistics.fmean(self.default) - statistics.fmean(self.trials[number])

    @property
    def sure(self) -> list[int]:
        """Which have a lower loss than the defaults for sure."""
        if self.compared is None:
            return []
        return [
            number
            for number, p in zip(self.trials, self.compared.pvalue, strict=True)
            if p < _SURE and self._difference(number) > 0
        ]

    def told(self, winner: int, names: Sequence[str | None]) -> Gain:
        """Of the winner; where that is no trial, of the lowest one."""
        of = winner if winner in self.trials else _lowest(self.trials)
        name, difference = names[of], self._difference(of)
        assert name is not None
        if self.compared is None:
            return Gain(trial_id=name, difference=difference, low=None, high=None)
        interval, place = self.compared.confidence_interval(), list(self.trials).index(of)
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
