"""Note what is usual, for later windows to be compared with."""

import pandas as pd

from smearflow.edge.runtime import EdgeModel
from smearflow.images.statistics import STATISTICS
from smearflow.monitoring.baseline import build_baseline
from smearflow.monitoring.stored import save_baseline
from smearflow.monitoring.wording import shortcomings
from smearflow.params.baseline import Baseline
from smearflow.sides.side import load_side
from stages.runner import Folders, run


def baseline(settings: Baseline, folders: Folders) -> None:
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
        resamples=settings.resamples,
        false_alarm_rate=settings.false_alarm_rate,
        seed=settings.seed,
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
