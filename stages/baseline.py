"""Note what is usual, for later windows to be compared with."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.cells.raw import RawCells
from smearflow.edge.runtime import EdgeModel
from smearflow.images.decode import pixels_of
from smearflow.images.ranges import Settled
from smearflow.images.statistics import STATISTICS
from smearflow.monitoring.baseline import build_baseline
from smearflow.monitoring.examples import CELLS, SIZE, some_of, write_usual
from smearflow.monitoring.limits import DriftLimits
from smearflow.monitoring.resampling import LEAST_CELLS, least_cells
from smearflow.monitoring.stored import save_baseline
from smearflow.params.baseline import Baseline
from smearflow.report.drift.quantities import quantity
from smearflow.sides.side import load_side
from smearflow.sides.tables import read_table
from stages.runner import Folders, run


def baseline(settings: Baseline, folders: Folders) -> None:
    """Reference cells, drift limits and expected accuracy of the edge model.

    What the model says is usual on the validation cells: it did not learn from them, and the look
    at the test cells stays the evaluation's. What images look like no model decides: the training
    cells tell of it, too.
    """
    side = load_side(folders.inputs("split"), "validation")
    model = EdgeModel(folders.inputs("export"))
    probabilities, embeddings = model.predict(side.pixels)
    result = build_baseline(
        side.table,
        side.targets,
        probabilities,
        embeddings,
        pd.read_parquet(folders.inputs("evaluate") / "predictions.parquet"),
        _imaged(folders.inputs("split")),
        statistics=STATISTICS,
        model=model,
        resamples=settings.resamples,
        false_alarm_rate=settings.false_alarm_rate,
        seed=settings.seed,
    )
    save_baseline(result, folders.outputs)
    write_usual(folders.outputs, _as_they_came(side.table, folders.inputs("ingest") / "raw"))
    said = "what the model says"
    for line in _told(said, result.limits, result.reference["patient"]):
        print(line, flush=True)
    for site in result.sites:
        where = "images" if site.name is None else f"images of {site.name}"
        for line in _told(where, site.limits, site.cells["patient"]):
            print(line, flush=True)


def _as_they_came(table: pd.DataFrame, archives: Path) -> Iterator[npt.NDArray[np.uint8]]:
    """Some cells from their files, whose stain nothing has changed; people look at them."""
    some = table.iloc[some_of(len(table), CELLS)]
    with RawCells(archives) as raw:
        for path, white in zip(some["path"], some["white"], strict=True):
            yield pixels_of(raw.read(path), SIZE, Settled(white))


def _imaged(split: Path) -> pd.DataFrame:
    """Patients, sources and image statistics of the cells that are not looked at once alone."""
    columns = ["patient", "source", *STATISTICS]
    sides = (split / f"{side}.parquet" for side in ("train", "validation"))
    return pd.concat([read_table(file)[columns] for file in sides], ignore_index=True)


def _told(what: str, limits: Mapping[int, DriftLimits], patients: pd.Series) -> list[str]:
    """What limits are worth, and what they can't tell, as the patients have too few cells.

    Args:
        what: is limited.
        limits: by number of patients in a window.
        patients: of each cell they rest on.
    """
    return [
        *(
            f"{what}: windows of {each.patients} patients: {each.false_alarm_rate:.1%} of "
            f"{each.resamples} resamples would have raised an alert"
            for each in limits.values()
            if each.resamples
        ),
        *(f"{what}: {line}" for line in _shortcomings(patients, limits)),
    ]


def _shortcomings(patients: pd.Series, limits: Mapping[int, DriftLimits]) -> list[str]:
    """What the limits can't tell, as the baseline's patients have too few cells.

    Args:
        patients: of each cell of the baseline.
        limits: by number of patients in a window.
    """
    sizes, least, lines = patients.value_counts(), least_cells(patients), []
    if few := int((sizes < least).sum()):
        lines.append(
            f"{few} of {len(sizes)} patients have fewer than {least} cells: too few for a window "
            "of their own"
        )
    if not limits[1].resamples:
        return [*lines, "they leave too few windows to compare: no limits, it can't be judged"]
    if least < LEAST_CELLS:
        lines.append(
            f"patients have {least} cells, fewer than {LEAST_CELLS}: windows so small differ by "
            "chance as well, so the limits are wide"
        )
    if untold := [quantity(name) for name, value in limits[1].values.items() if np.isnan(value)]:
        lines.append(f"no limit, as too few cells tell: {', '.join(untold)}")
    return lines


if __name__ == "__main__":
    run(baseline)
