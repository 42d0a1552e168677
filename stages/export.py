"""Convert the trained model for edge devices and choose the file to ship."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from smearflow.cells.arrays import Side, load_side
from smearflow.edge.convert import (
    FLOAT32,
    INT8,
    choose_model,
    compare,
    spread,
    to_float32,
    to_int8,
)
from smearflow.edge.runtime import DESCRIPTION, Runner, measure_latency
from smearflow.files import file_sha256, write_json
from smearflow.model.store import describe_model, load_model, serving_function
from smearflow.params import Params
from stages.runner import Folders, run


def export(params: Params, folders: Folders) -> None:
    """Convert the trained model for edge devices and choose the file to ship.

    Leaves the two LiteRT files and edge.json in outputs, the latency in reports.
    """
    trained, settings = folders.inputs("train"), params.export
    threshold = json.loads((trained / "summary.json").read_text())["threshold"]
    description = describe_model(trained / "model")
    model = load_model(trained / "model")
    train = load_side(folders.inputs("split"), "train")
    calibration = train.take(spread(len(train.targets), settings.calibration_cells)).pixels
    serve = serving_function(model, description["image_size"])
    for name, content in (
        (FLOAT32, to_float32(serve)),
        (INT8, to_int8(serve, calibration)),
    ):
        (folders.outputs / name).write_bytes(content)

    validation = load_side(folders.inputs("split"), "validation")
    expected = pd.read_parquet(trained / "validation_predictions.parquet")["probability"]
    models = {FLOAT32: _describe(folders.outputs / FLOAT32, validation, expected, threshold)}
    try:
        models[INT8] = _describe(folders.outputs / INT8, validation, expected, threshold)
    except RuntimeError as error:  # its ranges are the trained model's, and LiteRT refuses some
        (folders.outputs / INT8).unlink()
        print(f"warning: {INT8} is left out, LiteRT does not run it: {error}", flush=True)
    chosen, reason = choose_model(models, settings.least_agreement)
    edge = {
        "chosen": chosen,
        "classes": description["classes"],
        "image_size": description["image_size"],
        "models": models,
        "reason": reason,
        "threshold": threshold,
    }
    write_json(folders.outputs / DESCRIPTION, edge)
    cell = validation.pixels[0]
    latency = {name: measure_latency(folders.outputs / name, cell) for name in models}
    write_json(folders.reports / "latency.json", latency)
    _report(edge, latency)


def _describe(
    file: Path, validation: Side, expected: "pd.Series[float]", threshold: float
) -> dict[str, Any]:
    probabilities, _ = Runner(file).predict(validation.pixels)
    return {
        "bytes": file.stat().st_size,
        "sha256": file_sha256(file),
        **compare(probabilities, expected.to_numpy(np.float32), threshold),
    }


def _report(edge: dict[str, Any], latency: dict[str, dict[str, float]]) -> None:
    for name, model in edge["models"].items():
        print(
            f"{name}: {model['bytes'] / 1e6:.2f} MB, {latency[name]['p50_ms']:.2f} ms a cell, "
            f"same decision on {model['agreement']:.2%}, "
            f"probabilities within {model['largest_difference']:.4f}",
            flush=True,
        )
    print(f"chosen: {edge['chosen']}. {edge['reason']}", flush=True)


if __name__ == "__main__":
    run(export)
