"""The report's sections as Prefect artifacts, so that its UI shows a run's tables and pictures."""

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.tasks import StageRun
from smearflow.params.whole import load_params
from smearflow.report.elements import Section, Table
from smearflow.report.exploration.found import read_exploration
from smearflow.report.exploration.page import exploration_sections
from smearflow.report.html import data_url
from smearflow.report.results import PAGES, PICTURES
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
    exploration = read_exploration(root, load_params(root / "params.yaml").explore)
    for section in sections_of(root, pictures, exploration):
        publish_section(section)
    if exploration is not None:
        for section in exploration_sections(exploration, pictures / "explore"):
            publish_section(replace(section, anchor=f"exploration-{section.anchor}"))


def publish_section(section: Section) -> None:
    """Attach a section's tables and pictures to the current flow run."""
    for number, table in enumerate(section.tables, 1):
        key = _dashed(section.anchor if number == 1 else f"{section.anchor}-{number}")
        create_table_artifact(
            _rows(table),
            key=key,
            description="\n\n".join([section.title, *section.sentences, table.caption]),
        )
    for picture in section.pictures:
        create_markdown_artifact(
            f"![{picture.caption}]({data_url(picture.path)})\n\n{picture.caption}",
            # of its stage: where two sections show one picture, it is one artifact
            key=_dashed(f"{picture.path.parent.name}-{picture.path.stem}"),
            description=picture.caption,
        )


def _rows(table: Table) -> list[dict[str, str]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _dashed(name: str) -> str:
    """Keys of artifacts hold lower-case letters, digits and dashes only."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
