"""Contact sheets show cells of the class and patient that they name."""

import io
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from smearflow.report import contact
from smearflow.report.contact import GAP, OF_CLASS, OF_GROUP, ROW, SIDE, Strip, write_sheets

CLASSES = ("healthy", "sick")


class Cells:
    """Images whose red tells the class and whose green tells the patient."""

    def __init__(self, *counts: tuple[int, int]) -> None:
        self.rows = [
            (f"lab/{label}/{patient}-{at}.png", label, f"P{patient}")
            for patient, both in enumerate(counts, 1)
            for label, count in zip(CLASSES, both, strict=True)
            for at in range(count)
        ]
        self.images = pd.DataFrame(
            {"path": [row[0] for row in self.rows], "label": [row[1] for row in self.rows]}
        ).assign(white=255.0)
        self.groups = pd.Series([row[2] for row in self.rows], dtype=object)
        self.read_paths: list[str] = []

    def read(self, path: str) -> bytes:
        self.read_paths.append(path)
        _, label, name = path.split("/")
        colour = (200 * CLASSES.index(label) + 30, 20 * int(name.split("-")[0]), 0)
        stream = io.BytesIO()
        Image.new("RGB", (12, 9), colour).save(stream, "PNG")
        return stream.getvalue()

    def sheets(self, folder: Path) -> contact.Sheets:
        return write_sheets(folder, self.images, self.groups, CLASSES, self.read)


def shown(folder: Path, strip: Strip) -> Counter[tuple[str, str]]:
    """Class and patient of the cells that a picture shows."""
    if not strip.file:
        return Counter()
    pixels = np.asarray(Image.open(folder / strip.file))
    assert pixels.shape == (strip.height, strip.width, 3)
    step, found = SIDE + GAP, Counter[tuple[str, str]]()
    for at in range(strip.shown):
        top, left = at // ROW * step + SIDE // 2, at % ROW * step + SIDE // 2
        red, green, _ = pixels[top, left].astype(int)
        found[CLASSES[int(red > 130)], f"P{round(green / 20)}"] += 1
    return found


def test_a_class_is_shown_by_cells_of_all_its_patients(tmp_path: Path) -> None:
    sheets = Cells((40, 0), (5, 90), (3, 2), (100, 70)).sheets(tmp_path / "new")
    assert [sheet.title for sheet in sheets.classes] == ["sick", "healthy"]
    for sheet, counts in zip(
        sheets.classes,
        ({"P2": 29, "P3": 2, "P4": 29}, {"P1": 26, "P2": 5, "P3": 3, "P4": 26}),
        strict=True,
    ):
        (strip,) = sheet.strips
        assert strip.shown == OF_CLASS
        assert strip.groups == len(counts)
        assert shown(tmp_path / "new", strip) == {
            (sheet.title, patient): count for patient, count in counts.items()
        }
    assert [sheet.total for sheet in sheets.classes] == [162, 148]


def test_a_patient_is_shown_by_cells_of_both_classes(tmp_path: Path) -> None:
    sheets = Cells((40, 0), (5, 90), (100, 70)).sheets(tmp_path / "new")
    assert [(sheet.title, sheet.total) for sheet in sheets.groups] == [
        ("P1", 40),
        ("P2", 95),
        ("P3", 170),
    ]
    for sheet, (sick, healthy) in zip(
        sheets.groups, ((0, OF_GROUP), (12, 5), (12, 12)), strict=True
    ):
        assert [strip.label for strip in sheet.strips] == ["sick", "healthy"]
        found = [shown(tmp_path / "new", strip) for strip in sheet.strips]
        assert found == [
            Counter({(label, sheet.title): count} if count else {})
            for label, count in (("sick", sick), ("healthy", healthy))
        ]


def test_patients_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    sheets = Cells(*[(1, 1)] * 11).sheets(tmp_path / "new")
    assert [sheet.title for sheet in sheets.groups] == [f"P{at}" for at in range(1, 12)]


def test_very_many_patients_are_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact, "BUDGET", 40)
    monkeypatch.setattr(contact, "LEAST_OF_GROUP", 8)
    cells = Cells(*[(9, 9)] * 11)
    sheets = cells.sheets(tmp_path / "new")
    assert sheets.every == 11
    assert [sheet.title for sheet in sheets.groups] == ["P1", "P3", "P6", "P9", "P11"]
    assert len(cells.read_paths) == 2 * OF_CLASS + 40


def test_images_of_nobody_have_no_sheet_but_are_of_a_class(tmp_path: Path) -> None:
    cells = Cells((2, 3))
    cells.groups[:] = None
    sheets = cells.sheets(tmp_path / "new")
    assert sheets.groups == ()
    assert sheets.every == 0
    assert [sheet.strips[0].shown for sheet in sheets.classes] == [3, 2]


def test_a_class_without_cells_has_no_picture(tmp_path: Path) -> None:
    sheets = Cells((2, 0)).sheets(tmp_path / "new")
    (strip,) = sheets.classes[0].strips
    assert (strip.total, strip.shown, strip.file) == (0, 0, "")
