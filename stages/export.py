"""Convert the trained model for edge devices and choose the file to ship."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from smearflow.assessment.paired import Scores
from smearflow.conversion.choice import choose_file, judge
from smearflow.conversion.convert import (
    FLOAT32,
    INT8,
    WEIGHTS_INT8,
    calibration_cells,
    outputs_of,
    to_float32,
    to_int8,
    to_weights_int8,
)
from smearflow.conversion.novelty import write_novelty
from smearflow.conversion.operations import pieces
from smearflow.conversion.wrong_feeds import Feed, unseen, write_self_test
from smearflow.edge.contract import describe_input
from smearflow.edge.plausible import SEEN, CellLimits, relief
from smearflow.edge.runtime import Runner, measure_latency
from smearflow.evaluation.operating import operating_point
from smearflow.ground.files import file_sha256, write_json
from smearflow.params.export import Export
from smearflow.params.problem import PatientProblem
from smearflow.records.edge import (
    Asked,
    EdgeFile,
    EdgeMetadata,
    Input,
    NotedCellLimits,
    SelfTest,
    Shipped,
)
from smearflow.records.operating import OperatingPoint
from smearflow.records.split import Split
from smearflow.records.training import Training
from smearflow.sides.side import Side, even_steps, load_side
from smearflow.trained.store import describe_model, load_model, serving_function
from stages.runner import Folders, run

RELIEFS = 1000  # training cells looked at for what is on them


def export(settings: Export, problem: PatientProblem, folders: Folders) -> None:
    """Convert the trained model for edge devices and choose the file to ship.

    Leaves the LiteRT files, edge.json and the self-test's cells in outputs, the latency in reports.
    """
    trained = folders.inputs("train")
    training = Training.read(folders.root)
    description = describe_model(trained / "model")
    train = load_side(folders.inputs("split"), "train")
    some = calibration_cells(train.targets, settings.calibration_cells)
    serve = serving_function(load_model(trained / "model"), description["image_size"])
    float32 = to_float32(serve)
    (folders.outputs / FLOAT32).write_bytes(float32)
    (folders.outputs / WEIGHTS_INT8).write_bytes(to_weights_int8(float32))
    (folders.outputs / INT8).write_bytes(to_int8(serve, train.take(some).pixels))

    validation = load_side(folders.inputs("split"), "validation")
    told = pd.read_parquet(trained / "validation_predictions.parquet")["probability"]
    model = Scores(told.to_numpy(np.float32), training.threshold)
    models = {}
    for name in (FLOAT32, WEIGHTS_INT8, INT8):
        file = folders.outputs / name
        try:
            models[name] = _describe(file, validation, model, settings)
        except RuntimeError as error:  # ranges are the trained model's, and LiteRT refuses some
            if name == FLOAT32:
                raise
            file.unlink()
            print(f"warning: {name} is left out, LiteRT does not run it: {error}", flush=True)
    chosen = choose_file(models, FLOAT32)
    threshold = models[chosen].threshold
    assert threshold is not None  # only files of earlier versions have none
    normalised = Split.read(folders.root).stain_normalised
    size, embedding = description["image_size"], Runner(folders.outputs / chosen).width
    negative, positive = description["classes"]
    self_test = write_self_test(folders.outputs, list(models), chosen, Feed(size, normalised))
    edge = EdgeMetadata(
        asked=Asked(margins=dict(settings.margins), most_bytes=settings.most_bytes),
        cell=NotedCellLimits.model_validate(asdict(_limits(train))),
        chosen=chosen,
        classes=(negative, positive),
        image_size=size,
        least_parasitaemia=problem.least_parasitaemia,
        input=Input.model_validate(describe_input(size, stain_normalised=normalised)),
        models=models,
        operating=_operating(folders.outputs / chosen, validation, threshold, training),
        novelty=write_novelty(folders.outputs, folders.outputs / chosen, train, validation),
        outputs=outputs_of((negative, positive), embedding),
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


def _describe(file: Path, validation: Side, model: Scores, settings: Export) -> EdgeFile:
    probabilities, _ = Runner(file).predict(validation.pixels)
    found = judge(validation.targets, validation.patients, probabilities, model, settings)
    content = file.read_bytes()
    facts = {
        "arithmetic": "int8" if file.name == INT8 else "float32",
        "bytes": len(content),
        "pieces": pieces(content),
        "sha256": file_sha256(file),
        "small_enough": len(content) <= settings.most_bytes,
    }
    return EdgeFile.model_validate(facts | found)


def _operating(
    file: Path, validation: Side, threshold: float, training: Training
) -> OperatingPoint:
    """The chosen file's own: its probabilities are not those of the Keras model."""
    return operating_point(
        validation.targets,
        Runner(file).predict(validation.pixels)[0],
        validation.patients,
        threshold,
        training.operating.answers.most_errors,
    )


def _limits(train: Side) -> CellLimits:
    some = even_steps(len(train.targets), RELIEFS)
    reliefs = [relief(Image.fromarray(pixels)) for pixels in train.pixels[some]]
    columns = {name: train.table[name].to_numpy(np.float64) for name in SEEN}
    return CellLimits.of(columns, np.array(reliefs))


def _report(edge: EdgeMetadata, test: SelfTest, latency: dict[str, dict[str, float]]) -> None:
    for name, model in edge.models.items():
        found = model.differences or {}
        beside = ", ".join(f"{metric} {each.value:+.4f}" for metric, each in found.items())
        print(
            f"{name}: {model.bytes / 1e6:.2f} MB, {latency[name]['p50_ms']:.2f} ms a cell, "
            f"beside the Keras model {beside}{'' if model.no_worse else ': worse'}",
            flush=True,
        )
    print(f"chosen: {edge.chosen}", flush=True)
    print(f"self-test of {len(test.cells)} cells", flush=True)
    if hidden := unseen(test, edge.chosen):
        print(f"warning: the self-test does not show: {', '.join(hidden)}", flush=True)


if __name__ == "__main__":
    run(export)
