"""The next cells to label: a folder with their images, a contact sheet, and a table to fill in."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from flows import PROJECT
from flows.feedback import labelled_folder, read_store, reports_folder
from flows.monitoring import DEFAULT_WINDOW, champion_of
from flows.settings import settings_file
from smearflow.cells.naming import own_id
from smearflow.edge.runtime import EdgeModel
from smearflow.feedback.queue import choose, doubts, draw
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import place_folder
from smearflow.ground.settings import load_yaml
from smearflow.params.whole import load_params
from smearflow.release.folder import Champion
from smearflow.splitting.splits import side_of
from smearflow.windows.read import Window, read_window

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
    for_test: bool = False,
) -> Queue:
    """Choose cells of a folder of new ones, and lay them out for people to label.

    Never cells that have a label. To learn from, cells whose labels teach most, none of patients on
    the test side; to test by, cells of those patients, at random, as chosen ones would be harder.

    Args:
        incoming: None: data/incoming.
        site: whose cells they are; its pattern finds their patients.
        pattern: of a site that is not named yet; else the model's own.
        budget: None: as the profile has it.
        for_test: whether models are to be tested by them.

    Raises:
        SmearflowError: there is no champion, or no cell to ask about.
    """
    champion, settings = champion_of(profile), load_params(settings_file(PROJECT, profile)).feedback
    place = PROJECT / (incoming or DEFAULT_WINDOW)
    if not place.is_dir():
        raise SmearflowError(f"INCOMING={place} is no folder", "name a folder of cell images")
    store, model = read_store(labelled_folder(profile)), EdgeModel(champion.export)
    named = store.sites.get(site)
    own = named.pattern if named else pattern
    patterns = (own,) if own else champion.card.patient_patterns
    window = read_window(place, model.image_size, champion.card.window_bits, patterns)
    able = _able(window, champion, set(store.said), for_test=for_test)
    if not able.any():
        whose = "are of test patients, to learn from" if not for_test else "are not, to test by"
        raise SmearflowError(
            f"{place} holds no cell to ask about",
            f"name another folder: cells are left out that have a label or {whose}",
        )
    table, pixels = window.decodable[able], window.pixels[able]
    patients = table["patient"].fillna(table["path"]).tolist()
    sizes = budget or settings.queue, settings.most_per_patient
    chosen = draw(patients, *sizes) if for_test else _chosen(model, pixels, patients, *sizes)
    folder = _lay_out(profile, place, table.iloc[chosen], pixels[chosen])
    return Queue(folder, len(chosen), len(table))


def _chosen(
    model: EdgeModel, pixels: np.ndarray, patients: list[str], budget: int, most_per_patient: int
) -> list[int]:
    """Those that should teach most."""
    probabilities, embeddings = model.predict(model.prepared(pixels, patients))
    novelty = model.novelty.usual.distances(embeddings) if model.novelty else np.ones(len(patients))
    unsure = doubts(probabilities, model.threshold)
    called = (probabilities >= model.threshold).tolist()
    return choose(embeddings, unsure, novelty, patients, called, budget, most_per_patient)


def _able(window: Window, champion: Champion, labelled: set[str], *, for_test: bool) -> np.ndarray:
    """Which decodable cells may be asked about, bool [n]."""
    shares = load_yaml(champion.folder / "params.yaml")["split"]
    rows = window.decodable

    def tested(patient: object) -> bool:
        if not isinstance(patient, str):
            return False
        side = side_of(f"/{own_id(patient)}", shares["validation"], shares["test"])
        return side == "test"

    wanted = rows["patient"].map(tested) == for_test
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
