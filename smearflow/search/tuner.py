"""A search over training runs: Keras Tuner without its quiet failures."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras_tuner
from keras_tuner.engine.base_tuner import BaseTuner
from keras_tuner.engine.trial import Trial
from keras_tuner.oracles import BayesianOptimizationOracle, HyperbandOracle, RandomSearchOracle
from sklearn.exceptions import ConvergenceWarning

from smearflow.engine.declaration import Declaration
from smearflow.engine.jobs import RunResult
from smearflow.ground.errors import SmearflowError
from smearflow.params.model import Configuration
from smearflow.params.tune import Method
from smearflow.records.search.trials import AtBound, TrialRecord, Trials
from smearflow.search.edges import NEAR, at_bounds, moved
from smearflow.search.finalists import first_trials
from smearflow.search.halving import FACTOR

RunAll = Callable[[Sequence[Configuration]], Sequence[RunResult]]
"""Trains configurations; their results in the same order."""


def search(
    declaration: Declaration,
    trials: int,
    at_once: int,
    seed: int,
    work: Path,
    run: RunAll,
    method: Method = "bayesian",
) -> Trials:
    """Propose configurations, a few at once, until there are enough trials.

    A search always starts from its beginning and, for the same results, proposes the same
    configurations; to go on with an interrupted one, `run` need only keep finished runs. Keras
    Tuner's own way to resume restarts the random numbers of its acquisition function, so that the
    trials after an interruption are other ones.

    Where the best trial lies at a bound of the space that may move, it moves out while trials are
    left: exploration drew it from runs of its own. Not so with Hyperband, which compares trials of
    one space.

    Args:
        trials: at most; with Hyperband `halving.hyperband_trials`.
        at_once: trials proposed before the first of them has a result. It decides which are
            proposed, so it does not follow the number of workers.
        seed: at least 1; Keras Tuner draws one at random for 0.
        work: existing folder, for what Keras Tuner writes.
        method: how trials are proposed.

    Returns:
        All trials in order, and the bounds that the best one lay at.

    Raises:
        SmearflowError: no trial completed.
        Exception: whatever `run` raised.
    """
    oracle = _oracle(method, declaration, trials, seed, work)
    records: list[TrialRecord] = []
    bounds: list[AtBound] = []
    while proposed := _ask(oracle, at_once):
        configurations = [_configuration(declaration, each) for each in proposed]
        found = run(configurations)
        for trial, configuration, result in zip(proposed, configurations, found, strict=True):
            records.append(_trial_record(trial, configuration, result))
            _tell(oracle, trial, records[-1])
        if method != "hyperband" and len(records) >= _first(trials):
            reached = _reached(records, declaration, last=len(records) >= trials)
            bounds += reached
            declaration = declaration.within(moved(declaration.parameters, reached))
            oracle.hyperparameters = declaration.hyperparameters()
    if not any(record.status == "COMPLETED" for record in records):
        raise SmearflowError(
            f"none of {len(records)} trials completed: {records[-1].message}",
            "lower the learning rates of explore, or set model.configuration to one that trains",
        )
    if method == "hyperband":
        bounds = _reached(records, declaration, last=True)
    return Trials(trials=tuple(records), at_bounds=tuple(bounds))


def _configuration(declaration: Declaration, trial: Trial) -> Configuration:
    """What a trial proposes; Hyperband also how long it is trained, from the start."""
    proposed = declaration.configuration(trial.hyperparameters)
    epochs = trial.hyperparameters.values.get("tuner/epochs", proposed.epochs)
    return proposed.model_copy(update={"epochs": epochs})


def _reached(
    records: Sequence[TrialRecord], declaration: Declaration, *, last: bool
) -> list[AtBound]:
    """The bounds at which the best trial lies: those that move, or after the last trial all."""
    if not any(record.status == "COMPLETED" for record in records):
        return []
    best = best_trial(records).configuration
    reached = at_bounds(best, declaration.parameters, len(records), last=last)
    return [each for each in reached if last or each.after is not None]


def best_trial(records: Sequence[TrialRecord]) -> TrialRecord:
    """The completed trial with the lowest validation loss, the first of equals."""
    return first_trials(records, 1)[0]


class _Oracle(BayesianOptimizationOracle, RandomSearchOracle):
    """Never proposes the same twice, nor what nothing could tell from it, as the first does once it
    is sure of a place, or at a corner of the space: then the second, which draws what is new, is
    asked.
    """

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """A status and the values of a trial; none where nothing is left to try."""
        proposed: dict[str, Any] = super().populate_space(trial_id)
        values = proposed["values"]
        tried = [trial.hyperparameters.values for trial in self.trials.values()]
        if values is not None and any(self._alike(values, each) for each in tried):
            proposed = RandomSearchOracle.populate_space(self, trial_id)
        return proposed

    def _alike(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Whether every value of one is as near to the other's as what lies at a bound is to it."""
        return all(
            abs(each.value_to_prob(one[each.name]) - each.value_to_prob(other[each.name])) < NEAR
            for each in self.hyperparameters.space
        )


def _first(trials: int) -> int:
    """How many of the trials are drawn before any of them tells anything.

    Keras Tuner's default, three per parameter, would leave ten trials to chance alone.
    """
    return max(2, round(0.4 * trials))


def _oracle(
    method: Method, declaration: Declaration, trials: int, seed: int, work: Path
) -> keras_tuner.Oracle:
    declared = declaration.hyperparameters()
    common: dict[str, Any] = {
        "objective": keras_tuner.Objective("val_loss", "min"),
        "hyperparameters": declared,
        "seed": seed,
        "max_consecutive_failed_trials": trials + 1,  # `search` looks at the failures itself
    }
    oracle: keras_tuner.Oracle
    if method == "random":
        oracle = RandomSearchOracle(**common, max_trials=trials)
    elif method == "hyperband":
        epochs = declaration.configuration(declared).epochs
        oracle = HyperbandOracle(**common, max_epochs=epochs, factor=FACTOR)
    else:
        oracle = _Oracle(**common, max_trials=trials, num_initial_points=_first(trials))
    oracle.verbose = 0
    # a tuner without a model, for this alone: it gives its oracle an empty folder
    BaseTuner(oracle, directory=str(work), project_name="keras_tuner", overwrite=True)
    return oracle


def _ask(oracle: keras_tuner.Oracle, count: int) -> list[Trial]:
    """Up to so many new trials; none at the end of the search.

    The ones asked for before the first has ended are proposed as if it had the score that the model
    of the search expects.
    """
    with warnings.catch_warnings():  # few trials leave a Gaussian process with wide length scales
        warnings.simplefilter("ignore", ConvergenceWarning)
        trials = [oracle.create_trial(f"worker-{number}") for number in range(count)]
    return [trial for trial in trials if trial.status == "RUNNING"]


def _tell(oracle: keras_tuner.Oracle, trial: Trial, record: TrialRecord) -> None:
    trial.status, trial.message = record.status, record.message
    if record.status == "COMPLETED":
        oracle.update_trial(trial.trial_id, {"val_loss": record.val_loss})
    oracle.end_trial(trial)


def _trial_record(trial: Trial, configuration: Configuration, result: RunResult) -> TrialRecord:
    failed = result.status == "diverged"
    return TrialRecord(
        trial_id=trial.trial_id,
        status="FAILED" if failed else "COMPLETED",
        configuration=configuration,
        val_loss=None if failed else result.val_loss,
        val_accuracy=None if failed else result.val_accuracy,
        curve=result.curve,
        message=f"diverged in epoch {len(result.curve['loss'])}" if failed else None,
    )
