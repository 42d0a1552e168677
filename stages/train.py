"""The best configuration on all training patients, and beside it the default one."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from smearflow.evaluation.metrics import classification_metrics
from smearflow.evaluation.operating import operating_point
from smearflow.evaluation.targets import check_targets, describe_target
from smearflow.evaluation.threshold import choose_threshold
from smearflow.ground.errors import SmearflowError
from smearflow.ground.progress import Progress
from smearflow.model.backbone import backbone_of
from smearflow.model.callbacks import EpochLines
from smearflow.model.curves import diagnose
from smearflow.model.fit import FitResult
from smearflow.model.training import predict, train_once
from smearflow.params.machine import Locations
from smearflow.params.model import Configuration, Model
from smearflow.params.problem import ValidationProblem
from smearflow.params.train import Train
from smearflow.records.search.best import Best
from smearflow.records.training import (
    DefaultTraining,
    FinalCurve,
    History,
    Metrics,
    Training,
    ValidationMetrics,
)
from smearflow.sides.side import Side, load_side
from smearflow.sides.tables import write_table
from smearflow.trained.arithmetic import arithmetic
from smearflow.trained.store import model_hash, save_model
from stages.runner import Folders, run


def train(
    settings: Train,
    model: Model,
    problem: ValidationProblem,
    locations: Locations,
    folders: Folders,
) -> None:
    """Train the model, choose its threshold on validation cells, check its validation targets.

    The default configuration is trained on the same cells, so that the look at the test side tells
    whether exploration and search paid; nothing else reads it.
    """
    found = settings.at_full_length(Best.read(folders.root).configuration)
    default = settings.at_full_length(model.configuration)
    epochs = found.epochs + (default.epochs if default != found else 0)
    training = _Training(
        backbone_of(model, folders.root, locations),
        model,
        folders.inputs("split"),
        settings.seed,
        Progress("train", epochs, folders.progress),
    )
    _train_found(training, found, problem, folders)
    if default == found:
        DefaultTraining(configuration=default, outcome="same").write(folders.outputs)
    else:
        _train_default(training, default, problem, folders)


@dataclass(frozen=True)
class _Training:
    """What both trainings share."""

    backbone: Path
    model: Model
    split: Path
    seed: int
    progress: Progress

    def run(self, configuration: Configuration) -> FitResult:
        return train_once(
            load_side(self.split, "train"),
            self.validation,
            self.backbone,
            configuration,
            seed=self.seed,
            input_range=self.model.input_range,
            least_class_share=self.model.least_class_share,
            callbacks=[EpochLines(self.progress.finish)],
        )

    def save(
        self,
        result: FitResult,
        configuration: Configuration,
        classes: tuple[str, str],
        folder: Path,
    ) -> pd.DataFrame:
        """The model as a folder; its predictions of the validation side."""
        save_model(folder, result.model, configuration, self.model.input_range, classes)
        return _predictions(result, self.validation)

    @cached_property
    def validation(self) -> Side:
        return load_side(self.split, "validation")


def _train_found(
    training: _Training, configuration: Configuration, problem: ValidationProblem, folders: Folders
) -> None:
    result = training.run(configuration)
    best = result.best_epoch
    if best is None:
        raise SmearflowError(
            "training diverged, and no epoch is worth keeping",
            "lower train.configuration.learning_rate",
        )
    folder = folders.outputs / "model"
    predictions = training.save(result, configuration, problem.classes, folder)
    write_table(predictions, folders.outputs / "validation_predictions.parquet")
    history = _history(result, best)
    history.write(folders.outputs)
    _write_summary(problem, folders, configuration, predictions, history.diagnosis)


def _train_default(
    training: _Training, configuration: Configuration, problem: ValidationProblem, folders: Folders
) -> None:
    result = training.run(configuration)
    if result.best_epoch is None:
        told = DefaultTraining(configuration=configuration, outcome="diverged")
    else:
        folder = folders.outputs / DefaultTraining.MODEL
        predictions = training.save(result, configuration, problem.classes, folder)
        scored = (predictions["target"], predictions["probability"])
        threshold = choose_threshold(*scored, problem.required_sensitivity)
        told = DefaultTraining(
            configuration=configuration,
            outcome="trained",
            threshold=threshold,
            validation=Metrics.model_validate(classification_metrics(*scored, threshold)),
        )
    told.write(folders.outputs)


def _predictions(result: FitResult, validation: Side) -> pd.DataFrame:
    probabilities, _ = predict(result.model, validation.pixels)
    return pd.DataFrame(
        {
            "cell_id": validation.table["cell_id"],
            "patient": validation.patients,
            "target": validation.targets,
            "probability": probabilities,
        }
    )


def _history(result: FitResult, best_epoch: int) -> History:
    return History(
        curve=FinalCurve.model_validate(result.curve),
        diagnosis=diagnose(result.curve, result.guessing.train),
        best_epoch=best_epoch,
        epochs=len(result.curve["loss"]),
        weight_change=result.weight_change,
    )


def _write_summary(
    problem: ValidationProblem,
    folders: Folders,
    configuration: Configuration,
    predictions: pd.DataFrame,
    diagnosis: str,
) -> None:
    required = problem.required_sensitivity
    targets, probabilities = predictions["target"], predictions["probability"]
    threshold = choose_threshold(targets, probabilities, required)
    metrics = classification_metrics(targets, probabilities, threshold)
    patients = predictions["patient"]
    summary = Training(
        configuration=configuration,
        model_sha256=model_hash(folders.outputs / "model"),
        threshold=threshold,
        operating=operating_point(targets, probabilities, patients, threshold, problem.most_errors),
        validation=Metrics.model_validate(metrics),
        targets=check_targets("validation", problem.targets.validation, metrics, required),
        diagnosis=diagnosis,
        arithmetic=arithmetic(),
    )
    summary.write(folders.outputs)
    rate = {"learning_rate": configuration.learning_rate}
    ValidationMetrics.model_validate(metrics | rate).write(folders.outputs)
    for target in summary.targets:
        print(f"train: {describe_target(target)}", flush=True)
    print(f"train: the curve looks {diagnosis}; threshold {threshold:.4f}", flush=True)


if __name__ == "__main__":
    run(train)
