"""The validation flow: labelled cells before the gate, without training."""

from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows import PROJECT
from flows.artifacts import publish_section
from flows.settings import Request
from flows.summary import shown
from flows.tasks import run_stages, stage_order
from flows.understood import tell_understood, tell_what_there_is
from flows.worktrees import working_folder
from smearflow.ground.errors import SmearflowError
from smearflow.records.split import Split
from smearflow.records.validation import Validation
from smearflow.report.sections.checks import checks_section
from smearflow.report.sections.data import data_section
from smearflow.report.text import columns
from smearflow.report.units import unit_of_split


@flow(flow_run_name="validation {profile}", persist_result=False)
def validation(
    profile: str,
    data: str | None = None,
    backbone: str | None = None,
    overrides: list[str] | None = None,
) -> str:
    """Describe, check and split labelled cells in a worktree of their own.

    Args:
        profile: a file of profiles/, without .yaml.
        data: folder, archive or URL of labelled cells, instead of the profile's first source.
        backbone: as for the other flows; nothing here depends on it.
        overrides: single settings, as `validate.quarantine=critical`.

    Returns:
        The summary a user reads.

    Raises:
        SmearflowError: what was asked for makes no run, or the cells do not pass.
    """
    request = Request(data, backbone, overrides=tuple(overrides or ()))
    with working_folder(PROJECT, profile, request, purpose="validation") as root:
        done = _judge(root)
        summary = f"{_summarise(root)}\n\n{tell_understood(root, done)}"
        print(f"\n{summary}", flush=True)
        create_markdown_artifact(f"```\n{summary}\n```", key="summary")
        for section in (data_section(root), checks_section(root)):
            if section is not None:
                publish_section(section)
    return summary


def _judge(root: Path) -> list[str]:
    """Run the stages; where one fails, say what was understood until then; the stages."""
    order, done = stage_order(root, until="split"), list[str]()
    try:
        for stage in order:
            run_stages(root, [stage], of=order)
            done.append(stage)
    except SmearflowError as failure:
        tell_what_there_is(root, done, failure)
        raise
    return done


def _summarise(root: Path) -> str:
    found, split = Validation.read(root), Split.read(root)
    counts, unit = found.statistics, unit_of_split(split)
    sides = [f"{name} {side.cells:,} of {unit.count(side.patients)}" for name, side in split.sides]
    return columns(
        [
            (
                "images",
                f"{found.images:,}; {found.quarantined:,} quarantined, "
                f"{found.corrected:,} corrected",
            ),
            ("checks", f"{counts.evaluated} expectations, {counts.failed_warning} warnings"),
            ("cells", "; ".join(sides)),
            ("look at", f"{shown(root / 'reports/validate/index.html')}, and `make ui`"),
        ]
    )
