"""The best configuration on all training patients, and whether it meets the validation targets."""

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
from smearflow.params.model import Configuration, Learning
from smearflow.params.problem import ValidationProblem
from smearflow.params.train import Train
from smearflow.records.search.best import Best
from smearflow.records.training import FinalCurve, History, Metrics, Training, ValidationMetrics
from smearflow.sides.side import Side, load_side
from smearflow.sides.tables import write_table
from smearflow.trained.arithmetic import arithmetic
from smearflow.trained.store import model_hash, save_model
from stages.runner import Folders, run


def train(
    settings: Train,
    model: Learning,
    problem: ValidationProblem,
    locations: Locations,
    folders: Folders,
) -> None:
    """Train the model, choose its threshold on validation cells, check its validation targets."""
    configuration = _configuration(settings, folders)
    backbone = backbone_of(model, folders.root, locations)
    split = folders.inputs("split")
    validation = load_side(split, "validation")
    progress = Progress("train", configuration.epochs, folders.progress)
    result = train_once(
        load_side(split, "train"),
        validation,
        backbone,
        configuration,
        seed=settings.seed,
        input_range=model.input_range,
        least_class_share=model.least_class_share,
        callbacks=[EpochLines(progress.finish)],
    )
    best = result.best_epoch
    if best is None:
        raise SmearflowError(
            "training diverged, and no epoch is worth keeping",
            "lower train.configuration.learning_rate",
        )
    save_model(
        folders.outputs / "model",
        result.model,
        configuration,
        model.input_range,
        problem.classes,
    )
    predictions = _predictions(result, validation)
    write_table(predictions, folders.outputs / "validation_predictions.parquet")
    history = _history(result, best)
    history.write(folders.outputs)
    _write_summary(problem, folders, configuration, predictions, history.diagnosis)


def _configuration(settings: Train, folders: Folders) -> Configuration:
    best = Best.read(folders.root).configuration.model_dump()
    own = {
        "epochs": settings.epochs,
        "early_stopping_patience": settings.early_stopping_patience,
    }
    return Configuration.model_validate(best | own | settings.configuration)


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
