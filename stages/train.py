"""The best configuration on all training patients, and whether it meets the validation targets."""

import json

import pandas as pd

from smearflow.cells import manifest
from smearflow.cells.arrays import Side, load_side
from smearflow.errors import SmearflowError
from smearflow.evaluation.metrics import classification_metrics
from smearflow.evaluation.targets import check_targets, describe_row
from smearflow.evaluation.threshold import choose_threshold
from smearflow.files import write_json
from smearflow.model.backbone import backbone_of
from smearflow.model.curves import diagnose
from smearflow.model.pictures import plot_curves
from smearflow.model.store import model_hash, save_model
from smearflow.model.training import Run, predict, train_once
from smearflow.params import Configuration, Params
from smearflow.progress import Progress
from stages.runner import Folders, run


def train(params: Params, folders: Folders) -> None:
    """Train the model, choose its threshold on validation cells, check its validation targets."""
    configuration = _configuration(params, folders)
    backbone = backbone_of(params.model, folders.root)
    split = folders.inputs("split")
    validation = load_side(split, "validation")
    result = train_once(
        load_side(split, "train"),
        validation,
        backbone,
        configuration,
        seed=params.train.seed,
        input_range=params.model.input_range,
        tell=Progress("train", configuration.epochs, folders.progress).finish,
    )
    if result.best_epoch is None:
        raise SmearflowError(
            "training diverged in its first epoch", "lower train.configuration.learning_rate"
        )
    save_model(
        folders.outputs / "model",
        result.model,
        configuration,
        params.model.input_range,
        params.problem.classes,
    )
    predictions = _predictions(result, validation)
    manifest.write(predictions, folders.outputs / "validation_predictions.parquet")
    _write_history(folders, result)
    _write_summary(params, folders, configuration, predictions, diagnose(result.curve))


def _configuration(params: Params, folders: Folders) -> Configuration:
    best = json.loads((folders.inputs("tune") / "best.json").read_text())["configuration"]
    own = {
        "epochs": params.train.epochs,
        "early_stopping_patience": params.train.early_stopping_patience,
    }
    return Configuration.model_validate(best | own | params.train.configuration)


def _predictions(result: Run, validation: Side) -> pd.DataFrame:
    probabilities, _ = predict(result.model, validation.pixels)
    return pd.DataFrame(
        {
            "cell_id": validation.table["cell_id"],
            "patient": validation.patients,
            "target": validation.targets,
            "probability": probabilities,
        }
    )


def _write_history(folders: Folders, result: Run) -> None:
    diagnosis = diagnose(result.curve)
    epochs = len(result.curve["loss"])
    history = {
        "curve": result.curve,
        "diagnosis": diagnosis,
        "best_epoch": result.best_epoch,
        "epochs": epochs,
        "weight_change": result.weight_change,
    }
    write_json(folders.outputs / "history.json", history)
    plot_curves(
        {f"best epoch {result.best_epoch} of {epochs}": [("final training", result.curve)]},
        folders.reports / "curve.png",
        f"Training on all training patients: {diagnosis}",
    )


def _write_summary(
    params: Params,
    folders: Folders,
    configuration: Configuration,
    predictions: pd.DataFrame,
    diagnosis: str,
) -> None:
    required = params.problem.required_sensitivity
    targets, probabilities = predictions["target"], predictions["probability"]
    threshold = choose_threshold(targets, probabilities, required)
    metrics = classification_metrics(targets, probabilities, threshold)
    rows = check_targets("validation", dict(params.problem.targets.validation), metrics, required)
    summary = {
        "configuration": configuration.model_dump(mode="json"),
        "model_sha256": model_hash(folders.outputs / "model"),
        "threshold": threshold,
        "validation": metrics,
        "targets": rows,
        "diagnosis": diagnosis,
    }
    write_json(folders.outputs / "summary.json", summary)
    for row in rows:
        print(f"train: {describe_row(row)}", flush=True)
    print(f"train: the curve looks {diagnosis}; threshold {threshold:.4f}", flush=True)


if __name__ == "__main__":
    run(train)
