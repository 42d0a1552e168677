"""Small fields of view whose pixels tell where they are, and annotations of them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from smearflow.cells.files import survey
from smearflow.cells.labels import Labels
from smearflow.intake.boxes.formats import READERS
from smearflow.intake.boxes.marks import Format, Marks
from smearflow.intake.boxes.reading import read_boxes
from smearflow.intake.listing import Aside, Listed
from smearflow.params.ingest import Source

WIDTH, HEIGHT = 120, 90
LABELS = Labels(("uninfected", "parasitized"), (("rbc",), ("ring", "gametocyte")), {})


def field_pixels(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """uint8 [height, width, 3]: the column, the row, and 7."""
    pixels = np.full((height, width, 3), 7, np.uint8)
    pixels[..., 0], pixels[..., 1] = np.arange(width), np.arange(height)[:, None]
    return pixels


def write_field(
    file: Path, *, orientation: int = 1, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(field_pixels(*size))
    if orientation == 1:
        image.save(file)
        return
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(file, exif=exif)


def write_fields(folder: Path, *names: str) -> Path:
    for name in names:
        write_field(folder / name)
    return folder


def write_text(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, newline="")


def write_coco(
    file: Path, boxes: Mapping[str, Sequence[Sequence[Any]]], **more: Mapping[str, Any]
) -> None:
    """One entry per image, with rows of x, y, width, height, label; `more`: keys by image."""
    labels = sorted({str(row[4]) for rows in boxes.values() for row in rows})
    images = [
        {"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT}
        for number, name in enumerate(boxes)
    ]
    annotations = [
        {"image_id": number, "category_id": labels.index(row[4]), "bbox": list(row[:4])}
        for number, rows in enumerate(boxes.values())
        for row in rows
    ]
    categories = [{"id": number, "name": label} for number, label in enumerate(labels)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    write_text(file, json.dumps(content | more))


def voc(*rows: Sequence[Any], name: str = "", size: tuple[int, int] = (WIDTH, HEIGHT)) -> str:
    """XML with rows of xmin, ymin, xmax, ymax, label and perhaps `difficult`."""
    objects = "".join(
        f"<object><name>{row[4]}</name><difficult>{(*row, 0)[5]}</difficult><bndbox>"
        f"<xmin>{row[0]}</xmin><ymin>{row[1]}</ymin><xmax>{row[2]}</xmax><ymax>{row[3]}</ymax>"
        "</bndbox></object>"
        for row in rows
    )
    return (
        f"<annotation><filename>{name}</filename><size><width>{size[0]}</width>"
        f"<height>{size[1]}</height><depth>3</depth></size>{objects}</annotation>"
    )


def bbbc041(name: str, *rows: Sequence[Any], size: tuple[int, int] = (WIDTH, HEIGHT)) -> Any:
    """An entry with rows of minimum c, r, maximum c, r, and category."""
    return {
        "image": {
            "checksum": "0",
            "pathname": name,
            "shape": {"r": size[1], "c": size[0], "channels": 3},
        },
        "objects": [
            {
                "category": row[4],
                "bounding_box": {
                    "minimum": {"c": row[0], "r": row[1]},
                    "maximum": {"c": row[2], "r": row[3]},
                },
            }
            for row in rows
        ],
    }


def marks_of(folder: Path, form: Format) -> Marks:
    return READERS[form].read(folder, survey(folder))


def boxes_of(folder: Path, form: Format) -> list[tuple[str, str, tuple[float, ...]]]:
    """Image, label and box, rounded to a thousandth."""
    return [
        (str(each.image), each.label, tuple(round(edge, 3) for edge in each.box))
        for each in marks_of(folder, form).marked
    ]


class Read(NamedTuple):
    """What was found, and what was left out."""

    cells: list[Listed]
    labels: dict[str, str]
    layout: str
    aside: Aside


def read(folder: Path, labels: Labels = LABELS, **settings: Any) -> Read:
    """Without margin, and of any size, unless the settings of boxes say otherwise."""
    chosen = {"margin": 0, "least": 1} | settings
    source = Source.model_validate({"name": "s", "kind": "folder", "boxes": chosen})
    aside = Aside()
    found = read_boxes(folder, survey(folder), source, labels, aside)
    return Read(found.cells, found.labels, found.layout, aside)


def left_out(found: Read) -> dict[tuple[str, str], int]:
    return {(each.reason, each.what): each.count for each in found.aside.left_out()}


def relative(paths: Sequence[str]) -> list[PurePosixPath]:
    return [PurePosixPath(path) for path in paths]
