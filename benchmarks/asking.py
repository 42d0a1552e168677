"""What labels of a new place are worth: those that the queue asks for, and as many drawn by chance.

    python -m benchmarks.asking --run . --cells <labelled cells of another place>

Half of that place's patients can be asked about, the other half tell how good the network is there;
where all cells are of one patient, half of the fields of view. The run's configuration is trained
anew on its training cells and those labelled, on three seeds; cells drawn by chance are others with
each. Prints a Markdown table, a row per number of labels.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.tables import markdown, spread
from smearflow.edge.runtime import EdgeModel
from smearflow.evaluation.metrics import classification_metrics
from smearflow.evaluation.threshold import USUAL
from smearflow.feedback.queue import draw, wanted
from smearflow.ground.errors import SmearflowError
from smearflow.model.backbone import backbone_of
from smearflow.model.training import predict, train_once
from smearflow.params.whole import Params, load_params
from smearflow.sides.side import Side, joined, load_side
from smearflow.windows.read import read_window

BUDGETS = (25, 50, 100, 200, 400)
SEEDS = (1, 2, 3)
QUEUE, CHANCE = "by the queue", "by chance"

Told = Mapping[tuple[int, str], Sequence[Mapping[str, float]]]
"""Figures of each seed, by number of labels and how they were chosen."""


class Place(NamedTuple):
    """Cells of another place, ready for the network.

    Attributes:
        asked: those that people can be asked about.
        test: those that tell how good a network is, of other patients.
    """

    asked: Side
    test: Side


def main(arguments: list[str] | None = None) -> None:
    """Ask, train, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.asking", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder with params.yaml, outputs/")
    parser.add_argument("--cells", type=Path, required=True, help="a folder per class")
    parser.add_argument("--pattern", help="finds patient and field in the names of the files")
    parser.add_argument("--most", type=int, help="of a patient; else the run's own number")
    parser.add_argument("--budgets", type=int, nargs="+", default=BUDGETS)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    options = parser.parse_args(arguments)
    try:
        params = load_params(options.run / "params.yaml")
        model = EdgeModel(options.run / "outputs/export")
        place = read_place(options.cells, model, options.pattern)
        most, asked = options.most or params.feedback.most_per_patient, place.asked
        order = wanted(model, asked.pixels, asked.patients.tolist(), max(options.budgets), most)
        found: dict[tuple[int, str], list[Mapping[str, float]]] = {}
        for seed in options.seeds:
            for budget, way, cells in choices(order, asked, options.budgets, most, seed):
                learned = train_with(options.run, params, asked.take(cells), seed)
                told = figures(learned, place.test)
                found.setdefault((budget, way), []).append(told)
                print(f"seed {seed}: {budget} {way}: {told['accuracy']:.3f}", file=sys.stderr)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")
    print(table(found), flush=True)


def read_place(folder: Path, model: EdgeModel, pattern: str | None = None) -> Place:
    """Cells as the model takes them; every second patient is for testing.

    Of a single patient every second field is, and fields stand for patients.

    Raises:
        SmearflowError: the folder has no cells of both classes.
    """
    window = read_window(folder, model.image_size, patterns=(pattern,))
    rows = window.decodable.reset_index(drop=True)
    label = rows["path"].str.split("/").str[-2]
    if set(label) != set(model.classes):
        raise SmearflowError(f"{folder} has no folders {' and '.join(model.classes)}", "name one")
    prepared = model.prepared(window.pixels, rows["patient"].tolist())
    if rows["patient"].nunique() == 1 and rows["field"].notna().all():
        rows["patient"] = rows["field"]
    cells = Side(
        prepared,
        rows.assign(target=(label == model.classes[1]).astype("int8"), cell_id=rows["path"]),
    )
    people = np.random.default_rng(1).permutation(np.unique(cells.patients))
    tested = np.isin(cells.patients, people[::2])
    return Place(cells.take(np.flatnonzero(~tested)), cells.take(np.flatnonzero(tested)))


def choices(
    order: Sequence[int], cells: Side, budgets: Sequence[int], most: int, seed: int
) -> Iterator[tuple[int, str, npt.NDArray[np.intp]]]:
    """None, then of each number those of the queue and as many by chance, `most` of a patient."""
    yield 0, QUEUE, np.array([], np.intp)
    shuffled = np.random.default_rng(seed).permutation(len(cells.targets))
    for budget in budgets:
        yield budget, QUEUE, np.array(order[:budget])
        yield budget, CHANCE, shuffled[draw(cells.patients[shuffled].tolist(), budget, most)]


def train_with(run: Path, params: Params, labelled: Side, seed: int) -> object:
    """A network of the run's configuration that learned from its cells and further ones."""
    split = run / "outputs/split"
    return train_once(
        joined([load_side(split, "train"), labelled]),
        load_side(split, "validation"),
        backbone_of(params.model, run, params.locations),
        params.train.at_full_length(params.model.configuration),
        seed=seed,
        input_range=params.model.input_range,
        least_class_share=params.model.least_class_share,
    ).model


def figures(learned: object, test: Side) -> Mapping[str, float]:
    """What a network is worth on the test patients, called at 0.5."""
    told = predict(learned, test.pixels)[0]
    found = classification_metrics(test.targets, told, USUAL)
    return {name: float(found[name] or 0) for name in ("accuracy", "roc_auc")}


def table(found: Told) -> str:
    """Markdown: means over the seeds, in brackets the lowest and the highest."""
    rows = []
    for budget in sorted({number for number, _ in found}):
        cells = [
            spread([each[name] for each in found[budget, way]]) if (budget, way) in found else ""
            for name in ("accuracy", "roc_auc")
            for way in (QUEUE, CHANCE)
        ]
        rows.append((budget, *cells))
    return markdown(("labels", f"accuracy {QUEUE}", CHANCE, f"ROC AUC {QUEUE}", CHANCE), rows)


if __name__ == "__main__":
    main()
