"""The report's sections as Prefect artifacts, so that its UI shows a run's tables and pictures."""

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.tasks import StageRun
from smearflow.params.whole import load_params
from smearflow.report.conclusions.every import first_answers
from smearflow.report.elements import Gallery, Section, Table
from smearflow.report.exploration.exploration import read_exploration
from smearflow.report.exploration.page import exploration_sections
from smearflow.report.html import cell_url, data_url
from smearflow.report.results import PAGES, PICTURES
from smearflow.report.run import read_run
from smearflow.report.sections.every import sections_of


def publish(root: Path, runs: Sequence[StageRun], summary: str) -> None:
    """Attach a run's summary, seconds per stage, tables and pictures to the current flow run.

    The evidence of the exploration has a page of its own, and comes along.
    """
    create_markdown_artifact(f"```\n{summary}\n```", key="summary", description="The result")
    create_table_artifact(
        [asdict(run) for run in runs], key="stages", description="What became of each stage"
    )
    pictures = root / PAGES / PICTURES
    params = load_params(root / "params.yaml")
    exploration = read_exploration(root, params.explore)
    run = read_run(root, params.ingest.sources)
    create_table_artifact(
        [
            {"question": each.question, "answer": each.short, "more": " ".join(each.sentences)}
            for each in first_answers(run)
        ],
        key="answers",
        description="The answers at once",
    )
    for section in sections_of(root, pictures, exploration, run):
        publish_section(section)
    if exploration is not None:
        for section in exploration_sections(exploration, pictures / "explore"):
            publish_section(replace(section, anchor=f"exploration-{section.anchor}"))


def publish_section(section: Section) -> None:
    """Attach a section's tables, cells and pictures to the current flow run."""
    for number, table in enumerate(section.tables, 1):
        key = _dashed(section.anchor if number == 1 else f"{section.anchor}-{number}")
        create_table_artifact(
            _rows(table),
            key=key,
            description="\n\n".join([section.title, *section.sentences, table.caption]),
        )
    for number, gallery in enumerate(section.galleries, 1):
        create_markdown_artifact(
            _cells(gallery),
            key=_dashed(f"{section.anchor}-cells-{number}"),
            description=gallery.caption,
        )
    for picture in section.pictures:
        create_markdown_artifact(
            f"![{picture.caption}]({data_url(picture.path)})\n\n{picture.caption}",
            # of its stage: where two sections show one picture, it is one artifact
            key=_dashed(f"{picture.path.parent.name}-{picture.path.stem}"),
            description=picture.caption,
        )


def _cells(gallery: Gallery) -> str:
    """A row of pictures over a row of what is to be known of them."""
    pictures = "|".join(f"![{cell.shows}]({cell_url(cell.pixels)})" for cell in gallery.cells)
    notes = "|".join(cell.note for cell in gallery.cells)
    return f"{gallery.caption}\n\n|{pictures}|\n|{'---|' * len(gallery.cells)}\n|{notes}|"


def _rows(table: Table) -> list[dict[str, str]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _dashed(name: str) -> str:
    """Keys of artifacts hold lower-case letters, digits and dashes only."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
