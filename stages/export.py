"""Convert the trained model for edge devices and choose the file to ship."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from smearflow.conversion.convert import (
    FLOAT32,
    INT8,
    calibration_cells,
    choose_model,
    compare_outputs,
    even_steps,
    outputs_of,
    to_float32,
    to_int8,
)
from smearflow.conversion.novelty import write_novelty
from smearflow.conversion.wrong_feeds import unseen, write_self_test
from smearflow.edge.contract import describe_input
from smearflow.edge.plausible import SEEN, CellLimits, relief
from smearflow.edge.runtime import Runner, measure_latency
from smearflow.evaluation.operating import operating_point
from smearflow.ground.files import file_sha256, write_json
from smearflow.params.export import Export
from smearflow.records.edge import EdgeFile, EdgeMetadata, Input, NotedCellLimits, SelfTest, Shipped
from smearflow.records.operating import OperatingPoint
from smearflow.records.training import Training
from smearflow.sides.side import Side, load_side
from smearflow.trained.store import describe_model, load_model, serving_function
from stages.runner import Folders, run

RELIEFS = 1000  # training cells looked at for what is on them


def export(settings: Export, folders: Folders) -> None:
    """Convert the trained model for edge devices and choose the file to ship.

    Leaves the two LiteRT files, edge.json and the self-test's cells in outputs, the latency in
    reports.
    """
    trained = folders.inputs("train")
    training = Training.read(folders.root)
    threshold = training.threshold
    description = describe_model(trained / "model")
    model = load_model(trained / "model")
    train = load_side(folders.inputs("split"), "train")
    some = calibration_cells(train.targets, settings.calibration_cells)
    calibration = train.take(some).pixels
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
    size, embedding = description["image_size"], Runner(folders.outputs / chosen).width
    negative, positive = description["classes"]
    self_test = write_self_test(folders.outputs, list(models), chosen, size)
    edge = EdgeMetadata(
        cell=NotedCellLimits.model_validate(asdict(_limits(train))),
        chosen=chosen,
        classes=(negative, positive),
        image_size=size,
        input=Input.model_validate(describe_input(size)),
        models=models,
        operating=_operating(folders.outputs / chosen, validation, training),
        novelty=write_novelty(folders.outputs, folders.outputs / chosen, train, validation),
        outputs=outputs_of((negative, positive), embedding),
        reason=reason,
        self_test=self_test,
        threshold=threshold,
    )
    edge.write(folders.outputs)
    megabytes = round(edge.shipped.bytes / 1e6, 3)
    Shipped(megabytes=megabytes, agreement=edge.shipped.agreement).write(folders.outputs)
    cell = validation.pixels[0]
    latency = {name: measure_latency(folders.outputs / name, cell) for name in models}
    write_json(folders.reports / "latency.json", latency)
    _report(edge, self_test, latency)


def _describe(
    file: Path, validation: Side, expected: "pd.Series[float]", threshold: float
) -> EdgeFile:
    probabilities, _ = Runner(file).predict(validation.pixels)
    found = compare_outputs(probabilities, expected.to_numpy(np.float32), threshold)
    facts = {"bytes": file.stat().st_size, "sha256": file_sha256(file)}
    return EdgeFile.model_validate(facts | found)


def _operating(file: Path, validation: Side, training: Training) -> OperatingPoint:
    """The chosen file's own: its probabilities are not those of the Keras model."""
    return operating_point(
        validation.targets,
        Runner(file).predict(validation.pixels)[0],
        validation.patients,
        training.threshold,
        training.operating.answers.most_errors,
    )


def _limits(train: Side) -> CellLimits:
    some = even_steps(len(train.targets), RELIEFS)
    reliefs = [relief(Image.fromarray(pixels)) for pixels in train.pixels[some]]
    columns = {name: train.table[name].to_numpy(np.float64) for name in SEEN}
    return CellLimits.of(columns, np.array(reliefs))


def _report(edge: EdgeMetadata, test: SelfTest, latency: dict[str, dict[str, float]]) -> None:
    for name, model in edge.models.items():
        print(
            f"{name}: {model.bytes / 1e6:.2f} MB, {latency[name]['p50_ms']:.2f} ms a cell, "
            f"same decision on {model.agreement:.2%}, "
            f"probabilities within {model.largest_difference:.4f}",
            flush=True,
        )
    print(f"chosen: {edge.chosen}. {edge.reason}", flush=True)
    print(f"self-test of {len(test.cells)} cells", flush=True)
    if hidden := unseen(test, edge.chosen):
        print(f"warning: the self-test does not show: {', '.join(hidden)}", flush=True)


if __name__ == "__main__":
    run(export)
