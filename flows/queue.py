"""The next cells to label: a folder with their images, a contact sheet, and a table to fill in."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from flows import PROJECT
from flows.feedback import known_patients
from flows.labels import (
    Asked,
    labelled_folder,
    labelling,
    read_store,
    remember_site,
    reports_folder,
    site_named,
)
from flows.monitoring import DEFAULT_WINDOW, champion_of
from flows.settings import settings_file
from smearflow.cells.naming import own_id
from smearflow.edge.runtime import EdgeModel
from smearflow.feedback.queue import draw, wanted
from smearflow.feedback.store import Store, Whose, grouping, whose
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import place_folder
from smearflow.ground.settings import load_yaml
from smearflow.params.ingest import Group
from smearflow.params.whole import load_params
from smearflow.records.feedback import SiteNamed
from smearflow.records.groups import groups_of
from smearflow.release.folder import Champion
from smearflow.splitting.splits import side_of
from smearflow.windows.read import SOURCE, Window, read_window

TABLE, SHEET = "labels.csv", "cells.png"
_ROW, _SIDE, _GAP = 10, 96, 4  # of the sheet: cells side by side, pixels


class Queue(NamedTuple):
    """What was put into a queue.

    Attributes:
        folder: holds the images, the sheet and the table.
        cells: in it.
        of: cells that could have been.
    """

    folder: Path
    cells: int
    of: int


def queue(
    profile: str,
    incoming: Path | None,
    site: str,
    pattern: str | None,
    budget: int | None,
    *,
    group: str | None = None,
    for_test: bool = False,
) -> Queue:
    """Choose cells of a folder of new ones, and lay them out for people to label.

    A pattern or group that is given names the site.

    Never cells that have a label. To learn from, cells whose labels teach most, none of patients,
    or what else stays together, on the test side; to test by, cells of those, at random, as chosen
    ones would be harder.

    Args:
        incoming: None: data/incoming.
        site: whose cells they are; its pattern finds their patients.
        pattern: of a site that is not named yet; else the model's own.
        group: of a site that is not named yet: what stays on one side; else patients.
        budget: None: as the profile has it.
        for_test: whether models are to be tested by them.

    Raises:
        SmearflowError: there is no champion, or no cell to ask about; or the site has cells and was
            named with another pattern or group.
    """
    champion, settings = champion_of(profile), load_params(settings_file(PROJECT, profile)).feedback
    place = PROJECT / (incoming or DEFAULT_WINDOW)
    if not place.is_dir():
        raise SmearflowError(f"INCOMING={place} is no folder", "name a folder of cell images")
    store, model = read_store(labelled_folder(profile)), EdgeModel(champion.export)
    named = site_named(store, Asked(place, site, pattern, group))
    patterns = (named.pattern,) if named.pattern else champion.card.patient_patterns
    window = read_window(place, model.image_size, champion.card.window_bits, patterns)
    kind = _kind(window.decodable, named, store, known_patients(champion))
    groups = _groups(window.decodable, kind)
    able = _able(window, groups, champion, set(store.said), for_test=for_test)
    if not able.any():
        left_out = f"are of a test {kind}, to learn from"
        if for_test:
            left_out = f"are of none on the test side, by {kind}, to test by"
        raise SmearflowError(
            f"{place} holds no cell to ask about",
            f"name another folder: cells are left out that have a label or {left_out}",
        )
    table, pixels = window.decodable[able], window.pixels[able]
    whose_cells = groups[able].fillna(table["path"]).tolist()
    sizes = budget or settings.queue, settings.most_per_patient
    if for_test:
        chosen = draw(whose_cells, *sizes)
    else:
        # those whose names tell no patient are one slide
        cells = model.prepared(pixels, table["patient"].fillna("").tolist())
        chosen = wanted(model, cells, whose_cells, *sizes)
    folder = _lay_out(profile, place, table.iloc[chosen], pixels[chosen])
    if pattern or group:
        with labelling(profile):
            labels = labelled_folder(profile)
            remember_site(labels, read_store(labels), named)
    return Queue(folder, len(chosen), len(table))


def _kind(rows: pd.DataFrame, named: SiteNamed, store: Store, elsewhere: frozenset[str]) -> Group:
    """What a retraining will keep on one side, once these cells are of the site, too."""
    own = rows[["patient", "field"]].map(own_id, na_action="ignore")
    seen = [
        Whose(*(None if pd.isna(each) else each for each in row))
        for row in own.drop_duplicates().itertuples(index=False)
    ]
    there = (kept for kept in store.cells.values() if kept.site == named.site)
    return grouping(named, [*whose(there), *seen], elsewhere)


def _groups(rows: pd.DataFrame, kind: Group) -> "pd.Series[str]":
    """What stays on one side of the split, by the id that its side goes by; null: not known."""
    if kind == "file":  # it gets the name of its pixels where it is kept
        seen = zip(rows["pixels"], rows["path"], strict=True)
        return pd.Series([f"{cell[:32]}{Path(path).suffix}" for cell, path in seen], rows.index)
    return groups_of(rows, {SOURCE: kind}).map(own_id, na_action="ignore")


def _able(
    window: Window,
    groups: "pd.Series[str]",
    champion: Champion,
    labelled: set[str],
    *,
    for_test: bool,
) -> np.ndarray:
    """Which decodable cells may be asked about, bool [n]."""
    shares = load_yaml(champion.folder / "params.yaml")["split"]
    rows = window.decodable

    def tested(group: object) -> bool:
        if not isinstance(group, str):
            return False
        return side_of(f"/{group}", shares["validation"], shares["test"]) == "test"

    wanted = groups.map(tested) == for_test
    return (window.sound & ~rows["pixels"].isin(labelled) & wanted).to_numpy(bool)


def _lay_out(profile: str, place: Path, table: pd.DataFrame, pixels: np.ndarray) -> Path:
    """A folder of its own, whole or not there; images have the names they had, after a number."""
    queues = reports_folder(profile) / "queues"
    new, final = queues / ".new", queues / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S-%f}"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    rows = []
    for number, row in enumerate(table.to_dict("records"), start=1):
        source = place / str(row["path"])
        name = f"{number:03d}/{source.name}"
        (new / name).parent.mkdir()
        shutil.copyfile(source, new / name)
        told = {kind: row[kind] for kind in ("patient", "field")}  # <source>/<id>
        own = {kind: own_id(id_) if isinstance(id_, str) else "" for kind, id_ in told.items()}
        rows.append({"number": number, "file": name, "label": "", "reviewer": "", "note": ""} | own)
    pd.DataFrame(rows).to_csv(new / TABLE, index=False)
    _sheet(pixels).save(new / SHEET)
    place_folder(new, final)
    return final


def _sheet(pixels: np.ndarray) -> Image.Image:
    """The cells in rows of ten, in the order of the table: row 1 has the numbers 1 to 10."""
    step = _SIDE + _GAP
    lines = -(-len(pixels) // _ROW)
    sheet = Image.new("RGB", (_ROW * step, lines * step), (235, 235, 235))
    for at, cell in enumerate(pixels):
        image = Image.fromarray(cell).resize((_SIDE, _SIDE))
        sheet.paste(image, (at % _ROW * step, at // _ROW * step))
    return sheet
