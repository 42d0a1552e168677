import json
from pathlib import Path
from typing import Any

import pytest

from smearflow.ground.errors import SmearflowError
from tests.intake.boxes.material import bbbc041, boxes_of, marks_of, write_fields, write_text

ROW = (10, 20, 40, 60, "red blood cell")


def test_rows_and_columns_of_corners_the_last_outside(tmp_path: Path) -> None:
    write_fields(tmp_path, "malaria/images/a.png", "malaria/images/b.png")
    for name, entries in {
        "training": [bbbc041("/images/a.png", ROW, (0, 0, 120, 90, "ring"))],
        "test": [bbbc041("/images/b.png", (1, 2, 3, 4, "ring")), bbbc041("/images/c.png", ROW)],
    }.items():
        write_text(tmp_path / f"malaria/{name}.json", json.dumps(entries))
    assert boxes_of(tmp_path, "bbbc041") == [
        ("malaria/images/b.png", "ring", (1, 2, 3, 4)),
        ("malaria/images/a.png", "red blood cell", (10, 20, 40, 60)),
        ("malaria/images/a.png", "ring", (0, 0, 120, 90)),
    ]
    marks = marks_of(tmp_path, "bbbc041")
    assert marks.marked[0].size == (120, 90)
    assert [each.first for each in marks.unused] == ["images/c.png of malaria/test.json"]


def test_an_image_without_cells_gets_none_of_an_image_that_is_gone(tmp_path: Path) -> None:
    write_fields(tmp_path, "test/a.png")
    entries = [bbbc041("/training/a.png", ROW), bbbc041("/test/a.png")]
    write_text(tmp_path / "all.json", json.dumps(entries))
    assert boxes_of(tmp_path, "bbbc041") == []


def test_a_suffix_that_differs(tmp_path: Path) -> None:
    write_fields(tmp_path, "images/a.jpg")
    write_text(tmp_path / "all.json", json.dumps([bbbc041("/images/a.png", ROW)]))
    assert [image for image, *_ in boxes_of(tmp_path, "bbbc041")] == ["images/a.jpg"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text[:-5], "Invalid JSON"),
        (lambda text: text.replace('"minimum"', '"least"'), "0.objects.0.bounding_box.minimum"),
        (lambda text: text.replace('"objects"', '"things"'), "0.objects"),
        (lambda text: text.replace("[{", "[3, {", 1), "Invalid|0: "),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, change: Any, reason: str) -> None:
    write_fields(tmp_path, "a.png")
    write_text(tmp_path / "test.json", change(json.dumps([bbbc041("/a.png", ROW)])))
    with pytest.raises(SmearflowError, match=reason) as caught:
        marks_of(tmp_path, "bbbc041")
    assert str(tmp_path / "test.json") in str(caught.value)
