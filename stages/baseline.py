"""Note what is usual, for later windows to be compared with."""

import pandas as pd

from smearflow.cells.arrays import load_side
from smearflow.cells.statistics import STATISTICS
from smearflow.edge.runtime import EdgeModel
from smearflow.monitoring.baseline import build_baseline, save_baseline
from smearflow.monitoring.wording import shortcomings
from smearflow.params import Params
from stages.runner import Folders, run


def baseline(params: Params, folders: Folders) -> None:
    """Reference cells, drift limits and expected accuracy of the edge model.

    The reference is the validation cells: the model did not learn from them, and the look at the
    test cells stays the evaluation's.
    """
    side = load_side(folders.inputs("split"), "validation")
    model = EdgeModel(folders.inputs("export"))
    probabilities, embeddings = model.predict(side.pixels)
    result = build_baseline(
        side.table,
        probabilities,
        embeddings,
        pd.read_parquet(folders.inputs("evaluate") / "predictions.parquet"),
        statistics=STATISTICS,
        model=model,
        resamples=params.baseline.resamples,
        false_alarm_rate=params.baseline.false_alarm_rate,
        seed=params.baseline.seed,
    )
    save_baseline(result, folders.outputs)
    for limits in filter(lambda each: each.resamples, result.limits.values()):
        print(
            f"windows of {limits.patients} patients: {limits.false_alarm_rate:.1%} of "
            f"{limits.resamples} resamples would have raised an alert",
            flush=True,
        )
    for line in shortcomings(side.table["patient"], result.limits):
        print(line, flush=True)


if __name__ == "__main__":
    run(baseline)
