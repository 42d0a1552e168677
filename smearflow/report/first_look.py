"""The page of what was understood of labelled cells: contact sheets, numbers, prospects."""

import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import pandas as pd

from smearflow.cells.naming import own_id
from smearflow.cells.raw import RawCells
from smearflow.ground.files import replace_folder
from smearflow.intake.proposal import Proposal, propose
from smearflow.params.ingest import Group
from smearflow.records.groups import groups_of
from smearflow.records.sources import Sources
from smearflow.report.contact import Sheet, Sheets, write_sheets
from smearflow.report.elements import Picture, Section
from smearflow.report.html import write_page
from smearflow.report.proposals import told
from smearflow.report.prospects import prospects_section
from smearflow.report.results import PAGE
from smearflow.report.text import columns
from smearflow.report.understood import Line, understood_lines, understood_section
from smearflow.report.units import Unit, unit_of
from smearflow.sides.tables import read_table
from smearflow.splitting.splits import SIDES
from smearflow.understanding.whole import Understanding, understand

_WIDTH = 100  # characters of a line on the terminal
FOLDER, CELLS = "reports/understood", "cells"
_KNOWN = 0.99  # share of the images that have a field or a time, for a split by it


@dataclass(frozen=True)
class FirstLook:
    """What a person is told before training.

    Attributes:
        lines: what was understood.
        sections: the same, and what a training can show; the contact sheets of the classes.
        proposals: settings of sources whose patients are not known.
        page: that has all of it.
    """

    lines: Sequence[Line]
    sections: Sequence[Section]
    proposals: Sequence[Proposal]
    page: Path


def first_look(root: Path, classes: tuple[str, str], *, split: bool) -> FirstLook:
    """Count, compare, draw, and write the page of a run in which ingest has ended.

    Args:
        root: folder of the run; what was below FOLDER is replaced.
        classes: negative before positive.
        split: whether that stage has ended, too.
    """
    ingested = root / "outputs/ingest"
    images = read_table(ingested / "manifest.parquet")
    sources = Sources.read_if_there(root)
    grouped_by = sources.grouped_by if sources else {}
    groups, unit = groups_of(images, grouped_by), unit_of(grouped_by.values())
    sides = {name: read_table(root / f"outputs/split/{name}.parquet") for name in SIDES if split}
    found = understand(images, groups, classes, sides)
    lines = understood_lines(found, sources)
    proposals = list(_proposals(images, sources)) if sources else []
    new = root / f"{FOLDER}.new"
    shutil.rmtree(new, ignore_errors=True)
    with RawCells(ingested / "raw") as raw:
        known = groups.where(groups != images["path"])  # a file of its own has no sheet
        sound = images[images["error"].isna()]
        if images["source"].nunique() == 1:
            known = known.map(own_id, na_action="ignore")
        sheets = write_sheets(new / CELLS, sound, known, classes, raw.read)
    sections = [understood_section(found, sources), prospects_section(found, unit)]
    _write(new / PAGE, found, sections, proposals, sheets, unit)
    replace_folder(new, root / FOLDER)
    cells = _cells_section(root / FOLDER / CELLS, sheets)
    return FirstLook(lines, [*sections, cells], proposals, root / FOLDER / PAGE)


def look_text(look: FirstLook) -> str:
    """All of it for the terminal, but for tables and pictures."""
    prospects = look.sections[1]
    blocks = [
        "what was understood\n" + columns(look.lines),
        f"{prospects.title[0].lower()}{prospects.title[1:]}\n"
        + "\n".join(map(_paragraph, prospects.sentences)),
        *(proposed(each) for each in look.proposals),
    ]
    return "\n\n".join(blocks)


def proposed(proposal: Proposal) -> str:
    """A proposal as a block of the terminal; its lines can be pasted as they are."""
    return f"proposed\n{told(proposal)}"


def _paragraph(sentence: str) -> str:
    return fill(sentence, _WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _proposals(images: pd.DataFrame, sources: Sources) -> Iterator[Proposal]:
    """For each source whose patients nothing tells."""
    for number, source in enumerate(sources.sources):
        rows = images[images["source"] == source.name]
        if source.grouped_by != "patient" and len(rows):
            paths = rows["path"].str.partition("/")[2].tolist()
            known = _known(rows)
            proposal = propose(
                number, source.name, paths, rows["label"].tolist(), known, source.grouped_by
            )
            if proposal is not None:
                yield proposal


def _known(rows: pd.DataFrame) -> Collection[Group]:
    """What nearly all images of a source have, and not each one of its own."""
    columns: tuple[Group, ...] = ("field", "time")
    return [
        name
        for name in columns
        if name in rows
        and rows[name].notna().mean() >= _KNOWN
        and 1 < rows[name].nunique() < len(rows)
    ]


def _write(
    page: Path,
    found: Understanding,
    sections: Sequence[Section],
    proposals: Sequence[Proposal],
    sheets: Sheets,
    unit: Unit,
) -> None:
    negative, positive = found.classes
    write_page(
        page,
        "first_look.html.j2",
        title=f"{found.whole.images:,} cells: {positive} or {negative}?",
        sections=sections,
        proposals=[told(each) for each in proposals],
        sheets=sheets,
        unit=unit,
        cells=CELLS,
    )


def _cells_section(folder: Path, sheets: Sheets) -> Section:
    """The contact sheets of the classes."""
    pictures = [
        Picture(folder / strip.file, _caption(sheet))
        for sheet in sheets.classes
        for strip in sheet.strips
        if strip.file
    ]
    return Section("cells", "Some cells of each class", pictures=pictures)


def _caption(sheet: Sheet) -> str:
    strip = sheet.strips[0]
    return f"{sheet.title}: {strip.shown:,} of {strip.total:,} cells"
