"""On what cells: some of them, what came in, and which side each patient went to."""

from pathlib import Path

import pandas as pd

from smearflow.records.split import Split
from smearflow.report.conclusions.failures import short_name
from smearflow.report.elements import CellPicture, Gallery, Section, Table
from smearflow.report.text import number
from smearflow.sides.side import load_side

ANCHOR = "data"

_SHOWN = 6  # cells of each class


def data_section(root: Path) -> Section | None:
    """What came in and where each patient went."""
    manifest_file = root / "outputs/ingest/manifest.parquet"
    if not manifest_file.is_file():
        return None
    manifest = pd.read_parquet(
        manifest_file, columns=["source", "label", "patient", "error", "width", "height"]
    )
    damaged = int(manifest["error"].notna().sum())
    sentences = [
        f"{len(manifest):,} images of {manifest['patient'].nunique():,} patients"
        f"{f', {damaged:,} of them undecodable' if damaged else ''}."
    ]
    counts = manifest.groupby(["source", "label"], dropna=False)
    tables = [
        Table(
            "Cells per source and class",
            ("source", "class", "cells", "patients", "median size"),
            [
                (
                    str(source),
                    str(label),
                    number(len(rows)),
                    number(int(rows["patient"].nunique())),
                    f"{rows['width'].median():.0f} x {rows['height'].median():.0f}",
                )
                for (source, label), rows in counts
            ],
            ("source", "class"),
        )
    ]
    galleries: list[Gallery] = []
    split = Split.read_if_there(root)
    if split:
        sentences += _grouping(split)
        tables.append(_sides(split))
        galleries = [
            gallery for target in (1, 0) if (gallery := _gallery(root, split, target)) is not None
        ]
    return Section(ANCHOR, "The cells", sentences, tables, galleries=galleries)


def _gallery(root: Path, split: Split, target: int) -> Gallery | None:
    """Cells of a class, each of another validation patient as far as there are so many."""
    side = load_side(Split.path(root).parent, "validation")
    own = side.table[side.table["target"] == target]
    first = own.drop_duplicates("patient").head(_SHOWN).index
    if first.empty:
        return None
    name = split.classes[target]
    cells = [
        CellPicture(side.pixels[row], f"A cell labelled {name}", short_name(side.patients[row]))
        for row in first
    ]
    caption = f"{name}, each cell of another patient" if len(cells) > 1 else name
    return Gallery(name, caption, cells)


def _grouping(split: Split) -> list[str]:
    weak = sorted(name for name, by in split.grouped_by.items() if by == "field")
    sentences = ["No patient is on two sides of the split; data added later moves no patient."]
    if weak:
        sentences.append(
            f"Of {', '.join(weak)} only one patient is known: its cells were split by field of "
            "view, which is weaker: cells of one patient look alike, so expect optimistic figures."
        )
    return sentences


def _sides(split: Split) -> Table:
    return Table(
        f"Sides of the split, packed at {split.image_size} pixels",
        ("side", "cells", "patients", *reversed(split.classes)),
        [
            (
                name,
                *map(number, (side.cells, side.patients, side.positive, side.negative)),
            )
            for name, side in split.sides
        ],
        ("side",),
    )
