"""Which of the best trials wins, when they are cross-validated on seeds the search never saw.

The lowest of many trials is low by luck, too: run again, on other patients, some of it is gone.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from smearflow.params.model import Configuration
from smearflow.records.search.finalists import Finalist, Finalists, Gain
from smearflow.records.search.trials import TrialRecord
from smearflow.search.dunnett import Comparison

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
        losses: of each finalist's runs, a fold each, then of the defaults'; None: diverged.
        usual: the defaults.
        seeds: of the runs, by fold.
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
    found = Comparison.of(trained[lowest], [trained[number] for number in others])
    return [
        lowest,
        *(
            number
            for place, number in enumerate(others)
            if found is None or found.chance(place) >= _SURE
        ),
    ]


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
    compared: Comparison | None

    @classmethod
    def of(cls, trained: Mapping[int, Sequence[float]], default: int) -> Self:
        trials = {number: each for number, each in trained.items() if number != default}
        return cls(trained[default], trials, Comparison.of(trained[default], [*trials.values()]))

    def _difference(self, number: int) -> float:
        return statistics.fmean(self.default) - statistics.fmean(self.trials[number])

    @property
    def sure(self) -> list[int]:
        """Which have a lower loss than the defaults for sure."""
        if self.compared is None:
            return []
        return [
            number
            for place, number in enumerate(self.trials)
            if self.compared.chance(place) < _SURE and self._difference(number) > 0
        ]

    def told(self, winner: int, names: Sequence[str | None]) -> Gain:
        """Of the winner; where that is no trial, of the lowest one."""
        of = winner if winner in self.trials else _lowest(self.trials)
        name, difference = names[of], self._difference(of)
        assert name is not None
        if self.compared is None:
            return Gain(trial_id=name, difference=difference, low=None, high=None)
        margin = self.compared.margin(1 - _SURE)
        return Gain(
            trial_id=name, difference=difference, low=difference - margin, high=difference + margin
        )
