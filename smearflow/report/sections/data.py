"""On what cells: some of them, what came in, and which side each patient went to."""

from pathlib import Path

from smearflow.records.groups import groups_of
from smearflow.records.split import Split
from smearflow.report.elements import CellPicture, Gallery, Section, Table
from smearflow.report.text import number, short_name
from smearflow.report.units import Unit, unit_of, unit_of_split
from smearflow.sides.side import load_side
from smearflow.sides.tables import read_table

ANCHOR = "data"

_SHOWN = 6  # cells of each class
_COLUMNS = ("source", "label", "patient", "field", "time", "path", "error", "width", "height")


def data_section(root: Path) -> Section | None:
    """What came in and where each patient, or what the split goes by, went."""
    manifest_file = root / "outputs/ingest/manifest.parquet"
    if not manifest_file.is_file():
        return None
    manifest = read_table(manifest_file).reindex(columns=list(_COLUMNS))  # earlier runs have fewer
    split = Split.read_if_there(root)
    unit = unit_of_split(split)
    groups = groups_of(manifest, split.grouped_by if split else {})
    damaged = int(manifest["error"].notna().sum())
    sentences = [
        f"{len(manifest):,} images of {unit.count(groups.nunique())}"
        f"{f', {damaged:,} of them undecodable' if damaged else ''}."
    ]
    counts = manifest.groupby(["source", "label"], dropna=False)
    tables = [
        Table(
            "Cells per source and class",
            ("source", "class", "cells", unit.many, "median size"),
            [
                (
                    str(source),
                    str(label),
                    number(len(rows)),
                    number(int(groups[rows.index].nunique())),
                    f"{rows['width'].median():.0f} x {rows['height'].median():.0f}",
                )
                for (source, label), rows in counts
            ],
            ("source", "class"),
        )
    ]
    galleries: list[Gallery] = []
    if split:
        sentences += _grouping(split, unit)
        if split.stain_normalised:
            sentences.append(
                "Every picture of a cell on this page, but for those under Drift, is as the "
                f"network sees it: the stain of its {unit.one} is taken out."
            )
        tables.append(_sides(split, unit))
        shown = (_gallery(root, split, target, unit) for target in (1, 0))
        galleries = [gallery for gallery in shown if gallery is not None]
    return Section(ANCHOR, "The cells", sentences, tables, galleries=galleries)


def _gallery(root: Path, split: Split, target: int, unit: Unit) -> Gallery | None:
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
    caption = f"{name}, each cell of another {unit.one}" if len(cells) > 1 else name
    return Gallery(name, caption, cells)


def _grouping(split: Split, unit: Unit) -> list[str]:
    sentences = [
        f"No {unit.one} is on two sides of the split; data added later moves no {unit.one}."
    ]
    for kind in sorted(set(split.grouped_by.values()) - {"patient"}):
        names = ", ".join(sorted(name for name, by in split.grouped_by.items() if by == kind))
        sentences.append(
            f"Of {names} no more than one patient is known: its cells were split by "
            f"{unit_of([kind]).one}, which is weaker: cells of one patient look alike, so expect "
            "optimistic figures."
        )
    return sentences


def _sides(split: Split, unit: Unit) -> Table:
    return Table(
        f"Sides of the split, packed at {split.image_size} pixels",
        ("side", "cells", unit.many, *reversed(split.classes)),
        [
            (
                name,
                *map(number, (side.cells, side.patients, side.positive, side.negative)),
            )
            for name, side in split.sides
        ],
        ("side",),
    )
