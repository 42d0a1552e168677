"""Renders the sections into reports/index.html, with every picture inside the page."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from smearflow.files import write_bytes
from smearflow.report.sections import (
    interval,
    label,
    number,
    read_json,
    sections_of,
)

HEADLINE_METRICS = ("accuracy", "sensitivity", "specificity", "roc_auc")


@dataclass(frozen=True)
class Tile:
    """A figure at the top of the page."""

    name: str
    value: str
    note: str
    good: bool | None = None


def write_report(root: Path, look: int | None = None, stand_in: bool = False) -> Path:
    """Write the page of the run in a folder, whole or not at all.

    Args:
        root: folder of the run, with outputs/ and reports/.
        look: which look at this test set the run's evaluation was, where that is known.
        stand_in: the window monitored was made of the test patients' cells.

    Returns:
        Path of reports/index.html.
    """
    metrics = read_json(root, "outputs/evaluate/metrics.json")
    train = read_json(root, "outputs/train/summary.json")
    target = root / "reports/index.html"
    target.parent.mkdir(exist_ok=True)
    write_page(
        target,
        "index.html.j2",
        title=_question(root),
        tiles=_tiles(root, metrics, stand_in),
        targets=_targets(train, metrics),
        look=_look(look) if metrics else None,
        sections=sections_of(root, stand_in),
        hashes=_hashes(train, metrics),
    )
    return target


def write_page(target: Path, template: str, **content: Any) -> None:
    """Render a template of this package into a file, whole or not at all."""
    environment = Environment(
        loader=PackageLoader("smearflow.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "label": label, "data_url": data_url}
    write_bytes(target, environment.get_template(template).render(**content).encode())


def data_url(path: Path) -> str:
    """A PNG file as a URL that holds it."""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def _question(root: Path) -> str:
    from smearflow.params import load_params

    return load_params(root / "params.yaml").problem.question


def _tiles(root: Path, metrics: dict[str, Any] | None, stand_in: bool) -> list[Tile]:
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
        of = "cells of the test patients, as a stand-in" if stand_in else "incoming cells"
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


def _look(look: int | None) -> str:
    if look is None:
        return "This look at the test set is not on record: `make report` and `make run` keep one."
    caution = "" if look == 1 else " Figures grow optimistic with every further look."
    return f"Look number {look} in this project folder at this test set.{caution}"


def _hashes(train: dict[str, Any] | None, metrics: dict[str, Any] | None) -> dict[str, str]:
    hashes = {}
    if train:
        hashes["model"] = train["model_sha256"]
    if metrics:
        hashes["test set"] = metrics["test_sha256"]
    return hashes
