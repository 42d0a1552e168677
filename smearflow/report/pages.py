"""All pages of a run: index.html, the page of the exploration, every picture."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from smearflow.ground.files import replace_folder
from smearflow.params.explore import Explore
from smearflow.params.ingest import Source
from smearflow.params.whole import load_params
from smearflow.records.training import Target
from smearflow.report import targets
from smearflow.report.conclusions.every import NEXT
from smearflow.report.conclusions.failures import on_whom
from smearflow.report.conclusions.steps import next_steps
from smearflow.report.conclusions.use import can_use
from smearflow.report.exploration.exploration import read_exploration
from smearflow.report.exploration.page import write_exploration
from smearflow.report.html import write_page
from smearflow.report.pictures.every import draw_pictures
from smearflow.report.results import PAGE, PAGES, PICTURES
from smearflow.report.run import PipelineRun, read_run
from smearflow.report.sections.data import ANCHOR as DATA
from smearflow.report.sections.every import sections_of
from smearflow.report.sections.monitor import judged_cells
from smearflow.report.text import confidence_interval, display_name, enumerate_words, megabytes


@dataclass(frozen=True)
class Tile:
    """A figure at the top of the page."""

    name: str
    value: str
    note: str


def write_pages(
    root: Path, folder: Path, question: str, asked: Explore, sources: Sequence[Source]
) -> None:
    """Write index.html, exploration.html with parallel.html, and pictures/ into a folder.

    They show what there is: stages need not have run.

    Args:
        root: folder of the run, with outputs/ and reports/.
        folder: beside the reports of the stages, as links go there.
        question: that the run answers.
        asked: of the exploration.
        sources: of the cells.
    """
    pictures = folder / PICTURES
    exploration = read_exploration(root, asked)
    draw_pictures(root, pictures, exploration)
    if exploration is not None:
        write_exploration(folder, exploration, pictures / "explore")
    run = read_run(root, sources)
    sections = sections_of(root, pictures, exploration, run)
    write_page(
        folder / PAGE,
        "index.html.j2",
        title=question,
        asked=_asked(run),
        answers=(can_use(run), on_whom(run)),
        next=NEXT,
        steps=next_steps(run),
        tiles=_tiles(run),
        strip=next((each.galleries for each in sections if each.anchor == DATA), ()),
        sections=sections,
        hashes=_hashes(run),
    )


def rewrite_pages(root: Path) -> Path:
    """Write the pages of a run anew, outside of its stage, all of them or none.

    Args:
        root: folder of the run, with params.yaml.

    Returns:
        Path of index.html.

    Raises:
        SmearflowError: params.yaml is none.
    """
    params = load_params(root / "params.yaml")
    folder = root / PAGES
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    write_pages(root, new, params.problem.question, params.explore, params.ingest.sources)
    replace_folder(new, folder)
    return folder / PAGE


def _asked(run: PipelineRun) -> list[str]:
    """What the network has to reach, and on whom."""
    told = _shown_targets(run)
    if not told:
        return []
    wanted = enumerate_words(
        [f"{display_name(each.metric)} of at least {targets.wanted(each)}" for each in told]
    )
    return [
        f"Asked of a network that looks at one cell at a time, on unseen {run.unit.many}: {wanted}."
    ]


def _shown_targets(run: PipelineRun) -> Sequence[Target]:
    """Those of the test; before it, those of the validation side."""
    tested = run.figures.targets if run.figures else ()
    return tested or (run.trained.targets if run.trained else ())


def _tiles(run: PipelineRun) -> list[Tile]:
    tiles = []
    for target in _shown_targets(run):
        between = ""
        if run.figures and target.side == "test":
            other = f"on other {run.unit.many}"
            between = f"; {confidence_interval(run.figures.model[target.metric])} {other}"
        note = f"wanted {targets.wanted(target)}: {targets.result(target)}{between}"
        tiles.append(Tile(targets.name(target), targets.value(target), note))
    if edge := run.edge:
        tiles.append(Tile("file for devices", megabytes(edge.shipped.bytes), edge.chosen))
    if verdict := run.verdict:
        tiles.append(Tile("drift", verdict.verdict, judged_cells(verdict, run.unit)))
    return tiles


def _hashes(run: PipelineRun) -> dict[str, str]:
    hashes = {}
    if run.trained:
        hashes["model"] = run.trained.model_sha256
    if run.figures:
        hashes["test set"] = run.figures.test_sha256
    return hashes
