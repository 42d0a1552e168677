"""Recipes of training side by side on the validation patients of a run.

    python -m benchmarks.recipes --run <folder of a run> --results benchmarks/results/recipes \
        --recipe plateau '{}' --recipe cosine '{"schedule": "cosine", "warmup_steps": 200}'

A recipe is a name and what it changes in the run's `model.configuration`. Each recipe and seed
leaves one JSON in the folder, and is not trained again where that is there. Cells are called at
0.5, so that no chosen threshold adds its own chance. Prints a Markdown table, a row per recipe:
means over the seeds, in brackets the lowest and the highest. One thread.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.tables import markdown, spread
from smearflow.assessment.patients import patient_figures
from smearflow.evaluation.metrics import classification_metrics
from smearflow.evaluation.threshold import USUAL
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_json
from smearflow.model.backbone import backbone_of
from smearflow.model.quiet import tf
from smearflow.model.training import predict, train_once
from smearflow.params.model import Configuration, Setting
from smearflow.params.whole import load_params
from smearflow.sides.side import load_side

Result = Mapping[str, float]

FIGURES = ("val_loss", "accuracy", "roc_auc", "patient_mean", "worst_tenth", "seconds")


def main(arguments: list[str] | None = None) -> None:
    """Train what is missing and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recipes", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder with params.yaml, outputs/")
    parser.add_argument("--results", type=Path, required=True, help="folder of JSON files")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument(
        "--recipe", nargs=2, action="append", required=True, metavar=("NAME", "JSON")
    )
    options = parser.parse_args(arguments)
    one_thread()
    options.results.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[Result]] = {}
    try:
        for seed in options.seeds:
            for name, changes in options.recipe:
                file = options.results / f"{name}-{seed}.json"
                if not file.is_file():
                    write_json(file, train_recipe(options.run, json.loads(changes), seed))
                found.setdefault(name, []).append(json.loads(file.read_text())["figures"])
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")
    print(table(found), flush=True)


def one_thread() -> None:
    """As in a worker of the pool."""
    tf.config.threading.set_intra_op_parallelism_threads(1)


def train_recipe(run: Path, changes: Setting, seed: int) -> dict[str, object]:
    """Train on the training patients of a run, look at its validation patients.

    Raises:
        SmearflowError: the run is not whole, or the recipe diverges.
    """
    params = load_params(run / "params.yaml")
    values = params.model.configuration.model_dump() | changes
    configuration = Configuration.model_validate(values)
    validation = load_side(run / "outputs/split", "validation")
    started = time.perf_counter()
    fitted = train_once(
        load_side(run / "outputs/split", "train"),
        validation,
        backbone_of(params.model, run, params.locations),
        configuration,
        seed=seed,
        input_range=params.model.input_range,
        least_class_share=params.model.least_class_share,
    )
    seconds = time.perf_counter() - started
    if fitted.val_loss is None:
        raise SmearflowError("the recipe diverges", "lower its learning rate")
    told = predict(fitted.model, validation.pixels)[0]
    metrics = classification_metrics(validation.targets, told, USUAL)
    patients = patient_figures(validation.targets, told, validation.patients, USUAL)
    figures = {
        "val_loss": fitted.val_loss,
        "accuracy": metrics["accuracy"],
        "roc_auc": metrics["roc_auc"],
        "patient_mean": patients.mean,
        "worst_tenth": patients.worst_tenth,
        "seconds": seconds,
    }
    kept = configuration.model_dump(mode="json")
    return {"configuration": kept, "seed": seed, "figures": figures, "curve": fitted.curve}


def table(found: Mapping[str, Sequence[Result]]) -> str:
    """Markdown: a row per recipe."""
    rows = [
        (name, *(_told(figure, results) for figure in FIGURES)) for name, results in found.items()
    ]
    return markdown(("recipe", *FIGURES), rows)


def _told(figure: str, results: Sequence[Result]) -> str:
    values = [each[figure] for each in results]
    return spread(values, 0 if sum(values) > len(values) else 4)


if __name__ == "__main__":
    main()
