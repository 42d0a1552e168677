import json
from pathlib import Path
from typing import Any

import pytest

from smearflow.ground.errors import SmearflowError
from tests.intake.boxes.material import boxes_of, marks_of, write_coco, write_fields, write_text

ROW = (10, 20, 30, 40, "rbc")


def test_a_box_is_corner_and_size_counted_from_0(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_coco(tmp_path / "a.json", {"1.png": [ROW, (0.5, 0, 120, 90, "ring")]})
    assert boxes_of(tmp_path, "coco") == [
        ("1.png", "rbc", (10, 20, 40, 60)),
        ("1.png", "ring", (0.5, 0, 120.5, 90)),
    ]


def test_several_files_each_beside_its_images(tmp_path: Path) -> None:
    write_fields(tmp_path, "train/1.png", "valid/1.png")
    write_coco(tmp_path / "train/_annotations.coco.json", {"1.png": [ROW]})
    write_coco(tmp_path / "valid/_annotations.coco.json", {"1.png": [(1, 2, 3, 4, "ring")]})
    assert boxes_of(tmp_path, "coco") == [
        ("train/1.png", "rbc", (10, 20, 40, 60)),
        ("valid/1.png", "ring", (1, 2, 4, 6)),
    ]


@pytest.mark.parametrize(
    "name", ["/home/u/images/1.png", "C:\\data\\images\\1.png", "../images/1.png", "1.PNG", "1.bmp"]
)
def test_names_of_another_machine(tmp_path: Path, name: str) -> None:
    write_fields(tmp_path, "images/1.png")
    write_coco(tmp_path / "annotations/all.json", {name: [ROW]})
    assert boxes_of(tmp_path, "coco") == [("images/1.png", "rbc", (10, 20, 40, 60))]


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_coco(tmp_path / "a.json", {"1.png": [ROW]})
    text = json.dumps(json.loads((tmp_path / "a.json").read_text()), indent=1)
    write_text(tmp_path / "a.json", "\ufeff" + text.replace("\n", "\r\n"))
    assert len(boxes_of(tmp_path, "coco")) == 1


def annotated(folder: Path, *annotations: dict[str, Any]) -> None:
    write_fields(folder, "1.png")
    write_coco(
        folder / "a.json",
        {"1.png": [ROW]},
        annotations=[  # type: ignore[arg-type]
            {"image_id": 0, "category_id": 0, "bbox": [1, 2, 3, 4]} | each for each in annotations
        ],
    )


def test_a_crowd_is_no_cell(tmp_path: Path) -> None:
    annotated(tmp_path, {"iscrowd": 1, "segmentation": {"counts": [1], "size": [2, 2]}}, {})
    marks = marks_of(tmp_path, "coco")
    assert len(marks.marked) == 1
    assert [(each.reason, each.what) for each in marks.unused] == [("difficult", "iscrowd")]


def test_outlines_alone_are_their_rectangles(tmp_path: Path) -> None:
    outline = {"segmentation": [[10, 20, 40, 30, 12, 60], [5, 25, 8, 30, 6, 40]]}
    annotated(tmp_path, outline | {"bbox": []}, outline)
    boxes = [box for _, _, box in boxes_of(tmp_path, "coco")]
    assert boxes == [(5, 20, 40, 60), (1, 2, 4, 6)]  # a box that is drawn goes before


@pytest.mark.parametrize("outline", [[], {"counts": [1], "size": [2, 2]}, None])
def test_an_outline_that_is_no_polygon(tmp_path: Path, outline: object) -> None:
    annotated(tmp_path, {}, {"bbox": [], "segmentation": outline})
    with pytest.raises(SmearflowError, match=r"annotations\.1: neither a bbox"):
        marks_of(tmp_path, "coco")


@pytest.mark.parametrize("key", ["ignore", "difficult"])
def test_what_is_marked_as_difficult(tmp_path: Path, key: str) -> None:
    annotated(tmp_path, {key: 1}, {key: 0}, {key: None})
    assert [each.difficult for each in marks_of(tmp_path, "coco").marked] == [True, False, False]


def test_images_that_are_not_there(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_coco(tmp_path / "a.json", {"1.png": [ROW], "2.png": [ROW, ROW], "3.png": []})
    assert [each.first for each in marks_of(tmp_path, "coco").unused] == ["2.png of a.json"]


def test_an_image_without_boxes_gets_none_of_an_image_that_is_gone(tmp_path: Path) -> None:
    write_fields(tmp_path, "valid/1.png")
    write_coco(tmp_path / "a.json", {"train/1.png": [ROW], "valid/1.png": []})
    marks = marks_of(tmp_path, "coco")
    assert not marks.marked
    assert [each.first for each in marks.unused] == ["train/1.png of a.json"]


def test_boxes_of_an_image_that_the_file_does_not_list(tmp_path: Path) -> None:
    annotated(tmp_path, {"image_id": 9}, {"image_id": 9}, {})
    marks = marks_of(tmp_path, "coco")
    assert [each.first for each in marks.unused] == ["image 9 of a.json"]
    assert len(marks.marked) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text[:-30], "Invalid JSON"),
        (lambda text: text.replace("[10,", "[NaN,"), "annotations.0.bbox.0"),
        (lambda text: text.replace("[10,", "["), "annotations.0.bbox"),
        (lambda text: text.replace('"bbox"', '"box"'), "annotations.0: neither a bbox"),
        (lambda text: text.replace('"category_id": 0', '"category_id": 5'), "no category 5"),
        (lambda text: text.replace('"images": [', '"images": [3, '), "images.0"),
        (lambda text: text.replace("[", "[" * 100_000, 1), "Invalid JSON"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, change: Any, reason: str) -> None:
    write_fields(tmp_path, "1.png")
    write_coco(tmp_path / "a.json", {"1.png": [ROW]})
    text = json.dumps(json.loads((tmp_path / "a.json").read_text()))
    write_text(tmp_path / "a.json", change(text))
    with pytest.raises(SmearflowError, match=reason) as caught:
        marks_of(tmp_path, "coco")
    assert str(tmp_path / "a.json") in str(caught.value)
    assert "\n" not in str(caught.value)
