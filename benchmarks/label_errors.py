"""Whether wrong labels are found: some are planted, and networks that never saw the cells look.

    python -m benchmarks.label_errors --cells <folder> [--module <folder>] [--size 64]

The folder holds `<label>/<file>`; the networks are those of the profile's cross-validation. With
`--share 0` none are planted: what is told then is of the labels as they are.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.probe import load_cells
from benchmarks.tables import row
from smearflow.ground.errors import SmearflowError
from smearflow.params.whole import Params, load_params
from smearflow.pretraining.recipe import EMBEDDED
from smearflow.sides.side import Side
from smearflow.studies.crossval import cross_validate
from smearflow.studies.label_errors import by_doubt, label_noise, likely_wrong

SEED = 1


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.label_errors", description=__doc__)
    parser.add_argument("--cells", type=Path, required=True, help="folder of the class folders")
    parser.add_argument("--module", type=Path, default=EMBEDDED, help="SavedModel")
    parser.add_argument("--size", type=int, default=64, help="pixels a side")
    parser.add_argument("--share", type=float, default=0.05, help="of the labels, that are flipped")
    parser.add_argument("--profile", type=Path, default=Path("profiles/nih.yaml"))
    parser.add_argument("--work", type=Path, default=Path("work/label_errors"), help="kept folds")
    options = parser.parse_args(arguments)
    try:
        params = load_params(options.profile)
        side = load_cells(options.cells, params.problem.classes, options.size, None, None)
        noisy, wrong = plant(side, options.share)
        print(table(noisy, wrong, out_of_fold(noisy, options.module, params, options.work)))
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")


def plant(side: Side, share: float) -> tuple[Side, npt.NDArray[np.bool_]]:
    """Flip the labels of a share of the cells, and tell which."""
    rng, count = np.random.default_rng(SEED), len(side.targets)
    wrong = np.zeros(count, bool)
    wrong[rng.permutation(count)[: round(share * count)]] = True
    cells = side.table.assign(
        target=np.where(wrong, 1 - side.targets, side.targets),
        patient="cells/" + side.table["patient"],
        cell_id=np.arange(count).astype(str),
    )
    return Side(side.pixels, cells), wrong


def out_of_fold(side: Side, module: Path, params: Params, work: Path) -> npt.NDArray[np.float64]:
    """Probabilities [n] by networks that never saw the patient; finished folds are kept."""
    work.mkdir(parents=True, exist_ok=True)
    settings = params.crossval
    found = cross_validate(
        side,
        module,
        settings.configuration,
        settings.folds,
        settings.seed,
        work,
        training_seed=settings.seeds[0],
        input_range=params.model.input_range,
        least_class_share=params.model.least_class_share,
    )
    return found["probability"].to_numpy(np.float64)


def table(side: Side, wrong: npt.NDArray[np.bool_], probabilities: npt.NDArray[np.float64]) -> str:
    """What is found of the planted labels, and what the estimate of their number is."""
    noise = label_noise(side.targets, probabilities)
    rows = [
        ("cells", f"{noise.cells:,}"),
        ("likely wrong", f"{noise.likely_wrong:,}"),
        ("estimated share of wrong labels", f"{noise.noise:.4f}"),
        ("disputed by two independent looks, estimated", f"{noise.disputed:.4f}"),
    ]
    if planted := int(wrong.sum()):
        listed = wrong[likely_wrong(side.targets, probabilities)]
        first = wrong[by_doubt(side.targets, probabilities)[:planted]]
        right = ((probabilities >= 0.5) == (side.targets == 1)) != wrong
        rows += [
            ("planted", f"{planted:,}"),
            (f"precision at {planted:,}", f"{first.mean():.3f}"),
            ("precision of the list", f"{listed.mean():.3f}"),
            ("recall of the list", f"{listed.sum() / planted:.3f}"),
            ("accuracy by the labels before", f"{right.mean():.4f}"),
        ]
    return "\n".join(row(*each) for each in rows)


if __name__ == "__main__":
    main()
