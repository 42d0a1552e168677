from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from smearflow.intake.layout import understand
from smearflow.params.ingest import Source
from smearflow.report.label_errors import error_table, write_label_errors
from smearflow.report.units import unit_of
from smearflow.sides.side import Side
from tests.material import LABELS
from tests.toy_sides import toy_side

CLASSES = ("Uninfected", "Parasitized")


def with_paths(side: Side) -> Side:
    """Cells with paths as the manifest has them."""
    names = [CLASSES[target] for target in side.targets]
    cells = side.table["cell_id"].str.replace("/", "_")
    paths = [f"lab/{name}/{cell}.png" for name, cell in zip(names, cells, strict=True)]
    return Side(side.pixels, side.table.assign(path=paths, patient="lab/" + side.table["patient"]))


def test_a_row_per_doubtful_label_in_order() -> None:
    cells = pd.DataFrame(
        {
            "path": ["lab/Uninfected/a.png", "lab/Parasitized/b.png", "lab/Parasitized/c.png"],
            "patient": ["lab/C1", "lab/C2", "lab/C2"],
            "target": [0, 1, 1],
        }
    )
    table = error_table(cells, np.array([0.02, 0.9]), np.array([2, 0]), CLASSES)
    assert table.to_dict("records") == [
        {
            "file": "lab/Parasitized/c.png",
            "label": "Parasitized",
            "suggested": "Uninfected",
            "probability": 0.02,
            "rank": 1,
            "patient": "C2",
        },
        {
            "file": "lab/Uninfected/a.png",
            "label": "Uninfected",
            "suggested": "Parasitized",
            "probability": 0.1,
            "rank": 2,
            "patient": "C1",
        },
    ]
    other = error_table(cells, np.array([0.02]), np.array([2]), CLASSES, unit_of(["field"]))
    assert list(other["field of view"]) == ["C2"]


def test_the_corrected_table_can_be_handed_in(tmp_path: Path) -> None:
    side, ranked = with_paths(toy_side(patients=2)), np.array([3, 0, 7])
    write_label_errors(tmp_path, side, np.full(len(side.targets), 0.4), ranked, CLASSES)
    with Image.open(tmp_path / "label_errors.png") as sheet:
        assert sheet.width > 500

    hand_in = tmp_path / "hand in"
    hand_in.mkdir()
    table = pd.read_csv(tmp_path / "label_errors.csv")
    for index, file in zip(ranked, table["file"], strict=True):
        Image.fromarray(side.pixels[index]).save(hand_in / Path(file).name)
    table.loc[0, "label"] = table.loc[0, "suggested"]
    table.to_csv(hand_in / "labels.csv", index=False)
    found = understand(hand_in, Source(name="new", kind="folder"), LABELS, "CELLS").cells
    told = {Path(cell.path).name: (cell.label, cell.name.patient) for cell in found}
    wanted = zip(table["file"], table["label"], table["patient"], strict=True)
    assert told == {Path(file).name: (label, patient) for file, label, patient in wanted}


def test_without_doubts_there_is_an_empty_table_and_no_sheet(tmp_path: Path) -> None:
    side = with_paths(toy_side(patients=2))
    for ranked in (np.array([1]), np.array([], int)):
        write_label_errors(tmp_path, side, np.full(len(side.targets), 0.4), ranked, CLASSES)
    assert [file.name for file in tmp_path.iterdir()] == ["label_errors.csv"]
    assert pd.read_csv(tmp_path / "label_errors.csv").empty
