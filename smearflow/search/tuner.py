"""Bayesian optimisation over training runs: Keras Tuner without its quiet failures."""

import json
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras_tuner
from keras_tuner.engine.trial import Trial, TrialStatus
from sklearn.exceptions import ConvergenceWarning

from smearflow.errors import SmearflowError
from smearflow.files import write_json
from smearflow.model.hypermodel import MobileNetHyperModel
from smearflow.model.training import Run
from smearflow.params import Configuration

TrialRecord = dict[str, Any]
"""trial_id, status (COMPLETED or FAILED), configuration, val_loss, val_accuracy, curve, message."""

Report = Callable[[TrialRecord, float | None], None]
"""Gets a trial and its seconds, None for one kept from before."""


def search(
    hypermodel: MobileNetHyperModel, trials: int, seed: int, work: Path, report: Report
) -> list[TrialRecord]:
    """Run the trials, or those that an interrupted search had left.

    Keras Tuner's own way to resume restarts the random numbers of its acquisition function, so the
    trials after an interruption are other ones. Here a search begins anew each time, the same way
    for the same seed, and takes the results of trials that ended earlier from `work`.

    Args:
        seed: at least 1; Keras Tuner draws one at random for 0.
        work: existing folder that belongs to exactly this search.

    Returns:
        All trials in order.

    Raises:
        SmearflowError: no trial completed.
        Exception: whatever a trial raised apart from diverging.
    """
    tuner = _ReplayingTuner(hypermodel, trials, seed, work, report)
    with warnings.catch_warnings():  # few trials leave a Gaussian process with wide length scales
        warnings.simplefilter("ignore", ConvergenceWarning)
        tuner.search(verbose=0)
    records = tuner.records
    if not any(record["status"] == "COMPLETED" for record in records):
        raise SmearflowError(
            f"none of {len(records)} trials completed: {records[-1]['message']}",
            "lower the learning rates of explore, or set model.configuration to one that trains",
        )
    return records


def best_trial(records: list[TrialRecord]) -> TrialRecord:
    """The completed trial with the lowest validation loss, the first of equals."""
    completed = [record for record in records if record["status"] == "COMPLETED"]
    return min(completed, key=lambda record: record["val_loss"])


class _ReplayingTuner(keras_tuner.BayesianOptimization):
    """Keeps each trial's record as a file and does not repeat a trial that has one."""

    def __init__(
        self, hypermodel: MobileNetHyperModel, trials: int, seed: int, work: Path, report: Report
    ) -> None:
        self.records: list[TrialRecord] = []
        self._work = work
        self._report = report
        super().__init__(
            hypermodel,
            objective=keras_tuner.Objective("val_loss", "min"),
            max_trials=trials,
            # The default, three per parameter, would leave ten trials to chance alone.
            num_initial_points=max(2, round(0.4 * trials)),
            seed=seed,
            max_consecutive_failed_trials=trials + 1,  # `search` looks at the failures itself
            directory=str(work),
            project_name="keras_tuner",
            overwrite=True,
        )

    def _populate_initial_space(self) -> None:
        """Declare the space; the inherited method builds a whole network to find it."""
        hp = self.oracle.get_space()
        self.hypermodel.declare_hyperparameters(hp)
        self.oracle.update_space(hp)

    def _try_run_and_update_trial(self, trial: Trial, *args: Any, **kwargs: Any) -> None:
        """Run a trial; the inherited method takes any exception for a bad trial and goes on."""
        try:
            self._run_and_update_trial(trial, *args, **kwargs)
            trial.status = TrialStatus.COMPLETED
        except keras_tuner.errors.FailedTrialError as error:
            trial.status, trial.message = TrialStatus.FAILED, str(error)

    def run_trial(self, trial: Trial, *args: Any, **kwargs: Any) -> dict[str, float]:
        """The score of a trial, trained now or earlier.

        Raises:
            keras_tuner.errors.FailedTrialError: it diverged.
        """
        del args, kwargs
        configuration = self.hypermodel.configuration(trial.hyperparameters)
        file = self._work / f"trial-{trial.trial_id}.json"
        seconds = None
        if not _holds(file, configuration):
            started = time.perf_counter()
            self._train(trial, configuration, file)
            seconds = time.perf_counter() - started
        record: TrialRecord = json.loads(file.read_text())
        self.records.append(record)
        self._report(record, seconds)
        if record["status"] == "FAILED":
            raise keras_tuner.errors.FailedTrialError(record["message"])
        return {name: record[name] for name in ("val_loss", "val_accuracy")}

    def _train(self, trial: Trial, configuration: Configuration, file: Path) -> None:
        def keep(run: Run) -> None:
            write_json(file, _record(trial.trial_id, configuration, run))

        model = self.hypermodel.build(trial.hyperparameters)
        with suppress(keras_tuner.errors.FailedTrialError):  # the record says so
            self.hypermodel.fit(trial.hyperparameters, model, on_end=keep)


def _holds(file: Path, configuration: Configuration) -> bool:
    return file.is_file() and json.loads(file.read_text())[
        "configuration"
    ] == configuration.model_dump(mode="json")


def _record(trial_id: str, configuration: Configuration, run: Run) -> TrialRecord:
    failed = run.status == "diverged"
    return {
        "trial_id": trial_id,
        "status": "FAILED" if failed else "COMPLETED",
        "configuration": configuration.model_dump(mode="json"),
        "val_loss": None if failed else run.val_loss,
        "val_accuracy": None if failed else run.val_accuracy,
        "curve": run.curve,
        "message": f"diverged in epoch {len(run.curve['loss'])}" if failed else None,
    }
