"""All pages of a run: index.html, the page of the exploration, every picture."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smearflow.ground.files import replace_folder
from smearflow.params.explore import Explore
from smearflow.params.whole import load_params
from smearflow.report.exploration.found import read_exploration
from smearflow.report.exploration.page import write_exploration
from smearflow.report.html import write_page
from smearflow.report.pictures.every import draw
from smearflow.report.results import PAGE, PAGES, PICTURES, read_json
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
    metrics = read_json(root, "outputs/evaluate/metrics.json")
    train = read_json(root, "outputs/train/summary.json")
    write_page(
        folder / PAGE,
        "index.html.j2",
        title=question,
        tiles=_tiles(root, metrics),
        targets=_targets(train, metrics),
        looked=metrics is not None,
        sections=sections_of(root, pictures, exploration),
        hashes=_hashes(train, metrics),
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


def _tiles(root: Path, metrics: dict[str, Any] | None) -> list[Tile]:
    tiles = []
    if metrics:
        for name in HEADLINE_METRICS:
            figure = metrics["model"][name]
            note = f"({interval(figure)}) on unseen patients"
            tiles.append(Tile(f"test {label(name)}", number(figure["value"]), note))
    edge = read_json(root, "outputs/export/edge.json")
    if edge:
        chosen = edge["models"][edge["chosen"]]
        tiles.append(Tile("edge model", f"{chosen['bytes'] / 1e6:.2f} MB", edge["chosen"]))
    verdict = read_json(root, "outputs/monitor/verdict.json")
    if verdict:
        own = "cells of the test patients, as a stand-in"
        of = own if verdict["stand_in"] else "incoming cells"
        note = f"{verdict['window']['cells']:,} {of}"
        tiles.append(Tile("drift", verdict["verdict"], note, verdict["verdict"] == "stable"))
    return tiles


def _targets(train: dict[str, Any] | None, metrics: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Those of both sides, with the interval of what the test side reached."""
    rows = [row | {"interval": number(None)} for row in train["targets"]] if train else []
    if metrics:
        figures = metrics["model"]
        rows += [row | {"interval": interval(figures[row["metric"]])} for row in metrics["targets"]]
    return rows


def _hashes(train: dict[str, Any] | None, metrics: dict[str, Any] | None) -> dict[str, str]:
    hashes = {}
    if train:
        hashes["model"] = train["model_sha256"]
    if metrics:
        hashes["test set"] = metrics["test_sha256"]
    return hashes
