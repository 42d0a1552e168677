"""Rendered cells as files: a labelled sample, and unlabelled batches of further patients."""

import io
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

import numpy as np
from PIL import Image

from smearflow.ground.errors import SmearflowError
from smearflow.parallel import ordered_map
from smearflow.records.groups import position_of
from smearflow.sample.cell import CELLS_PER_FIELD, render_cell
from smearflow.sample.patients import Kind, random_patient

WRONG_LABELS = 0.01  # share; experts err too
TESTED_ON = 0.1  # positions below are on the test side of every split with a larger share of it
FIRST_OF_BATCH = 1000  # batch n has the patients from n times this on, the sample those below

_NAME = re.compile(r"C(?P<patient>[0-9]+)P[0-9]+ThinF_IMG_[0-9_]+_cell_(?P<cell>[0-9]+)\.png$")


@dataclass(frozen=True)
class Order:
    """A cell to be rendered, and whether it is infected and labelled so."""

    seed: int
    patient: int
    cell: int
    kind: Kind = "plain"

    @classmethod
    def of(cls, name: str, seed: int, kind: Kind = "plain") -> Self:
        """The order whose `name` a file name ends in.

        Raises:
            ValueError: it ends in none.
        """
        found = _NAME.search(name)
        if found is None:
            raise ValueError(f"{name} is no name of a rendered cell")
        return cls(seed, int(found["patient"]), int(found["cell"]) - 1, kind)

    @property
    def infected(self) -> bool:
        """Decided by the order alone, as often as the patient's share says."""
        return bool(self._chances[0] < random_patient(self.seed, self.patient, self.kind).infected)

    @property
    def labelled_infected(self) -> bool:
        """`infected`, but for a few wrong labels."""
        return self.infected ^ bool(self._chances[1] < WRONG_LABELS)

    @property
    def name(self) -> str:
        """File name as in the NLM/NIH set: patient, slide, time of the photograph, cell."""
        taken = datetime(2026, 1, 5, 9) + timedelta(
            days=self.patient % 365, seconds=97 * (self.cell // CELLS_PER_FIELD)
        )
        slide = f"{_id(self.patient)}P{self.patient + 31}ThinF"
        return f"{slide}_IMG_{taken:%Y%m%d_%H%M%S}_cell_{self.cell + 1}.png"

    @property
    def _chances(self) -> np.ndarray:
        return np.random.default_rng([self.seed, 3, self.patient, self.cell]).random(2)


def write_sample(
    folder: Path,
    classes: tuple[str, str],
    patients: int,
    cells: int,
    seed: int,
    test_patients: int = 0,
) -> None:
    """Write `<label>/<file>.png` for patients 1, 2, ..., about as many infected as healthy cells.

    The folder appears only when it is whole; the same arguments give the same bytes.

    Args:
        folder: must not exist.
        classes: names of the labels: negative, positive.
        cells: of those patients together, as evenly as possible.
        test_patients: further ones, with as many cells each, who are on the test side.

    Raises:
        SmearflowError: the folder exists, or there are too many patients.
    """
    later = range(patients + 1, FIRST_OF_BATCH)
    tested_on = [n for n in later if position_of(_id(n)) < TESTED_ON][:test_patients]
    if patients >= FIRST_OF_BATCH or len(tested_on) < test_patients:
        raise SmearflowError(
            f"{patients} patients and {test_patients} test_patients are too many",
            f"render fewer: there are {FIRST_OF_BATCH - 1} in all, and of those that are left one "
            f"in {1 / TESTED_ON:.0f} is on the test side",
        )
    orders = [
        *_orders(seed, range(1, patients + 1), cells, "plain"),
        *_orders(seed, tested_on, cells // patients * test_patients, "plain"),
    ]
    with _whole(folder) as partial:
        for label in classes:
            (partial / label).mkdir()
        _write(orders, [partial / classes[each.labelled_infected] for each in orders])


def write_batch(
    folder: Path, kind: Kind, number: int, *, patients: int = 8, cells: int = 240, seed: int = 1
) -> None:
    """Write an unlabelled batch of patients that are in no sample and in no other batch.

    Args:
        folder: must not exist.
        kind: `plain`, from the laboratory of the sample, or shifted: another `stain`, another
            `camera`, or out of focus (`blur`).
        number: of the batch, >= 1.
        cells: of all patients together.
        seed: of the sample whose laboratory it is.

    Raises:
        SmearflowError: the folder exists.
    """
    first = number * FIRST_OF_BATCH
    orders = _orders(seed, range(first, first + patients), cells, kind)
    with _whole(folder) as partial:
        _write(orders, [partial] * cells)


def _orders(seed: int, patients: Sequence[int], cells: int, kind: Kind) -> list[Order]:
    return [
        Order(seed, patients[number % len(patients)], number // len(patients), kind)
        for number in range(cells)
    ]


def _id(patient: int) -> str:
    return f"C{patient}"


def _write(orders: list[Order], folders: Iterable[Path]) -> None:
    images = ordered_map(_png, orders, len(orders))
    for order, folder, image in zip(orders, folders, images, strict=True):
        (folder / order.name).write_bytes(image)


def _png(order: Order) -> bytes:
    pixels = render_cell(order.seed, order.patient, order.cell, order.infected, order.kind).pixels
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=3)
    return stream.getvalue()


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder beside, which takes its place when the block ends."""
    if folder.exists():
        raise SmearflowError(f"{folder} exists", "name another folder")
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    partial.rename(folder)
