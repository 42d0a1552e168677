"""A toy stage: figures of the toy model on the test side."""

import pandas as pd

from smearflow.assessment.bootstrap import INTERVAL, patient_bootstrap
from smearflow.edge.runtime import EdgeModel
from smearflow.evaluation.metrics import METRICS
from smearflow.ground.files import file_sha256, write_json
from smearflow.params.evaluate import Evaluate
from smearflow.sides.side import load_side
from stages.runner import Folders, run


def evaluate(settings: Evaluate, folders: Folders) -> None:
    """Write metrics.json and per_patient.csv."""
    model = EdgeModel(folders.inputs("export"))
    side = load_side(folders.inputs("split"), "test")
    probabilities = model.predict(side.pixels)[0]
    estimates = patient_bootstrap(
        side.targets, probabilities, side.patients, 0.5, settings.bootstrap_samples, 1
    )
    figures = {name: estimates[name]._asdict() for name in METRICS}
    target = {"metric": "accuracy", "met": True, "side": "test", "target": 0.1, "value": 1.0}
    metrics = {
        "cells": len(side.targets),
        "edge": figures,
        "interval": INTERVAL,
        "model": figures,
        "model_sha256": file_sha256(folders.inputs("export") / "m.tflite"),
        "overridden": False,
        "patients": len(set(side.patients)),
        "targets": [target],
        "test_sha256": file_sha256(folders.inputs("split") / "test.npy"),
    }
    write_json(folders.outputs / "metrics.json", metrics)
    table = pd.DataFrame({"patient": sorted(set(side.patients)), "accuracy": 1.0})
    table.to_csv(folders.outputs / "per_patient.csv", index=False)


if __name__ == "__main__":
    run(evaluate)
