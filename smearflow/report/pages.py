"""All pages of a run: index.html, the page of the exploration, every picture."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from smearflow.ground.files import replace_folder
from smearflow.params.explore import Explore
from smearflow.params.whole import load_params
from smearflow.records.edge import Export
from smearflow.records.figures import Figures
from smearflow.records.training import Training
from smearflow.records.verdict import Verdict
from smearflow.report.exploration.found import read_exploration
from smearflow.report.exploration.page import write_exploration
from smearflow.report.html import write_page
from smearflow.report.pictures.every import draw
from smearflow.report.results import PAGE, PAGES, PICTURES
from smearflow.report.sections.every import sections_of
from smearflow.report.text import interval, label, number

HEADLINE_METRICS = ("accuracy", "sensitivity", "specificity", "roc_auc")


@dataclass(frozen=True)
class Tile:
    """A figure at the top of the page."""

    name: str
    value: str
    note: str
    good: bool | None = None


@dataclass(frozen=True)
class Reached:
    """A row of the table of targets; `interval` is that of the figure reached."""

    side: str
    metric: str
    target: float
    value: float | None
    met: bool
    interval: str


def write_pages(root: Path, folder: Path, question: str, asked: Explore) -> None:
    """Write index.html, exploration.html with parallel.html, and pictures/ into a folder.

    They show what there is: stages need not have run.

    Args:
        root: folder of the run, with outputs/ and reports/.
        folder: beside the reports of the stages, as links go there.
        question: that the run answers.
        asked: of the exploration.
    """
    pictures = folder / PICTURES
    exploration = read_exploration(root, asked)
    draw(root, pictures, exploration)
    if exploration is not None:
        write_exploration(folder, exploration, pictures / "explore")
    figures, trained = Figures.read_if_there(root), Training.read_if_there(root)
    write_page(
        folder / PAGE,
        "index.html.j2",
        title=question,
        tiles=_tiles(root, figures),
        targets=_targets(trained, figures),
        looked=figures is not None,
        sections=sections_of(root, pictures, exploration),
        hashes=_hashes(trained, figures),
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
    write_pages(root, new, params.problem.question, params.explore)
    replace_folder(new, folder)
    return folder / PAGE


def _tiles(root: Path, figures: Figures | None) -> list[Tile]:
    tiles = []
    if figures:
        for name in HEADLINE_METRICS:
            figure = figures.model[name]
            note = f"({interval(figure)}) on unseen patients"
            tiles.append(Tile(f"test {label(name)}", number(figure.value), note))
    if edge := Export.read_if_there(root):
        tiles.append(Tile("edge model", f"{edge.shipped.bytes / 1e6:.2f} MB", edge.chosen))
    if verdict := Verdict.read_if_there(root):
        own = "cells of the test patients, as a stand-in"
        note = f"{verdict.window.cells:,} {own if verdict.stand_in else 'incoming cells'}"
        tiles.append(Tile("drift", verdict.verdict, note, verdict.verdict == "stable"))
    return tiles


def _targets(trained: Training | None, figures: Figures | None) -> list[Reached]:
    """Those of both sides, with the interval of what the test side reached."""
    rows = []
    if trained:
        rows += [Reached(**each.model_dump(), interval=number(None)) for each in trained.targets]
    if figures:
        rows += [
            Reached(**each.model_dump(), interval=interval(figures.model[each.metric]))
            for each in figures.targets
        ]
    return rows


def _hashes(trained: Training | None, figures: Figures | None) -> dict[str, str]:
    hashes = {}
    if trained:
        hashes["model"] = trained.model_sha256
    if figures:
        hashes["test set"] = figures.test_sha256
    return hashes
