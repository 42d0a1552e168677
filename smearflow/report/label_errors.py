"""Likely wrong labels as files: a table to correct and hand in, and a sheet of the cells."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.cells.naming import own_id
from smearflow.ground.files import write_bytes
from smearflow.report.elements import CellPicture
from smearflow.report.pictures.cells import draw_cells
from smearflow.report.units import PATIENTS, Unit
from smearflow.sides.side import Side

TABLE, SHEET = "label_errors.csv", "label_errors.png"
_SHOWN = 60


def write_label_errors(
    folder: Path,
    side: Side,
    probabilities: npt.ArrayLike,
    ranked: npt.NDArray[np.intp],
    classes: tuple[str, str],
    unit: Unit = PATIENTS,
) -> None:
    """Write label_errors.csv, and label_errors.png of the first of them; none where none is wrong.

    The table is one of cells, as docs/cells.md has it: its `label` is the one in use, so that only
    what somebody has looked at and corrected there changes a label when it is handed in.

    Args:
        side: all cells, with the `path` of their images.
        probabilities: [n], of the positive class.
        ranked: indices of the cells whose label is likely wrong, the most doubtful first.
        classes: names, negative before positive.
        unit: what `patient` holds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = error_table(side.table, np.asarray(probabilities)[ranked], ranked, classes, unit)
    write_bytes(folder / TABLE, table.to_csv(index=False).encode())
    (folder / SHEET).unlink(missing_ok=True)
    if len(ranked):
        cells = [
            CellPicture(
                side.pixels[index],
                row["file"],
                f"{row['rank']}: {row['label']}?\np = {row['probability']:.3f}",
            )
            for index, row in zip(ranked[:_SHOWN], table.to_dict("records"), strict=False)
        ]
        many = f"the first {len(cells)} of {len(ranked)}" if len(cells) < len(ranked) else "all"
        draw_cells(folder / SHEET, f"Labels that are likely wrong, {many}", cells)


def error_table(
    cells: pd.DataFrame,
    probabilities: npt.NDArray[np.float64],
    ranked: npt.NDArray[np.intp],
    classes: tuple[str, str],
    unit: Unit = PATIENTS,
) -> pd.DataFrame:
    """A row per doubtful label.

    Args:
        cells: rows of all cells: path, patient and target.
        probabilities: [k], of the positive class, in the order of `ranked`.
        ranked: [k], indices of cells.

    Returns:
        Columns file, label, suggested, probability (of the label in use), rank (from 1), and
        the patient, or what the unit is.
    """
    rows = cells.iloc[ranked]
    positive = rows["target"].to_numpy() == 1
    return pd.DataFrame(
        {
            "file": rows["path"].to_numpy(),
            "label": np.where(positive, classes[1], classes[0]),
            "suggested": np.where(positive, classes[0], classes[1]),
            "probability": np.where(positive, probabilities, 1 - probabilities).round(4),
            "rank": np.arange(1, len(rows) + 1),
            unit.one: rows["patient"].map(own_id).to_numpy(),
        }
    )
