"""Which format of annotations a folder has."""

import json
from pathlib import Path

import pytest

from smearflow.cells.files import survey
from smearflow.ground.errors import SmearflowError
from smearflow.intake.boxes import jsons
from smearflow.intake.boxes.formats import format_of
from smearflow.intake.boxes.marks import Format
from tests.intake.boxes.material import bbbc041, voc, write_coco, write_fields, write_text


def write(folder: Path, form: Format) -> None:
    """One box of `1.png` in a format."""
    if form == "coco":
        write_coco(folder / "a.json", {"1.png": [(1, 2, 3, 4, "rbc")]})
    elif form == "voc":
        write_text(folder / "1.xml", '<?xml version="1.0"?>\n' + voc((1, 2, 3, 4, "rbc")))
    elif form == "yolo":
        write_text(folder / "1.txt", "0 0.5 0.5 0.1 0.1\n")
    else:
        write_text(folder / "b.json", json.dumps([bbbc041("/1.png", (1, 2, 3, 4, "rbc"))]))


def found(folder: Path) -> Format | None:
    return format_of(folder, survey(folder))


FORMATS: list[Format] = ["coco", "voc", "yolo", "bbbc041"]


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_is_recognised(tmp_path: Path, form: Format) -> None:
    write_fields(tmp_path, "1.png")
    write(tmp_path, form)
    assert found(tmp_path) == form


@pytest.mark.parametrize("first", FORMATS)
@pytest.mark.parametrize("second", FORMATS)
def test_two_formats(tmp_path: Path, first: Format, second: Format) -> None:
    if first == second:
        return
    write_fields(tmp_path, "1.png")
    write(tmp_path, first)
    write(tmp_path, second)
    with pytest.raises(SmearflowError, match="annotations of 2 formats") as caught:
        format_of(tmp_path, survey(tmp_path), "ingest.sources.3")
    action = caught.value.action
    assert "ingest.sources.3.boxes.format=" in action
    assert first in action
    assert second in action


def test_a_bbbc041_field_without_cells_is_one(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "b.json", "\ufeff" + json.dumps([bbbc041("/1.png")]))
    assert found(tmp_path) == "bbbc041"


def test_the_lists_of_coco_may_come_late(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    images = [{"id": number, "file_name": f"{number}.png"} for number in range(9000)]
    content = {"info": {}, "images": images, "categories": [], "annotations": []}
    write_text(tmp_path / "a.json", json.dumps(content))
    assert (tmp_path / "a.json").stat().st_size > 2 * jsons.HEAD
    assert found(tmp_path) == "coco"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", ""),
        ("a.json", "{}"),
        ("a.json", '{"images": ["a.png"]}'),
        ("a.json", '[{"image_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]'),  # results of COCO
        ("a.json", '{"shapes": [], "imagePath": "1.png"}'),  # labelme
        ("1.xml", "<annotations />"),  # CVAT
        ("1.xml", "<OME><annotation /></OME>"),
        ("1.xml", ""),
        ("1.txt", ""),
        ("1.txt", "stained on Monday"),
        ("1.txt", "1 2 3 4 5\n"),
        ("train.txt", "0 0.5 0.5 0.1 0.1\n"),  # of no image
        ("classes.txt", "rbc\n"),
        ("data.yaml", "names: [rbc]\n"),
    ],
)
def test_what_is_no_annotation(tmp_path: Path, name: str, text: str) -> None:
    write_fields(tmp_path, "1.png", "classes.png")
    write_text(tmp_path / name, text)
    assert found(tmp_path) is None


def test_without_images_there_is_nothing_to_cut(tmp_path: Path) -> None:
    write(tmp_path, "coco")
    assert found(tmp_path) is None
