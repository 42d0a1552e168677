"""The cells that boxes mark: their names, classes and final boxes, and what is left out."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.cells.files import survey
from smearflow.cells.labels import Labels
from smearflow.ground.errors import SmearflowError
from smearflow.intake.boxes.formats import READERS
from smearflow.intake.boxes.reading import clipped, widened
from smearflow.intake.listing import Box
from tests.intake.boxes.material import (
    HEIGHT,
    LABELS,
    WIDTH,
    bbbc041,
    left_out,
    read,
    voc,
    write_coco,
    write_field,
    write_fields,
    write_text,
)

CELL = (10, 20, 30, 40, "rbc")


def test_a_cell_is_called_by_its_place_in_its_field(tmp_path: Path) -> None:
    write_fields(tmp_path, "a/1.png", "2.jpg")
    rows = [(5, 5, 9, 9, "ring"), CELL]
    write_coco(tmp_path / "all.json", {"a/1.png": rows, "2.jpg": [CELL]})
    found = read(tmp_path)
    assert [(cell.path, cell.label, cell.name.field) for cell in found.cells] == [
        ("2/0001.png", "uninfected", "2"),
        ("a/1/0001.png", "parasitized", "a/1"),
        ("a/1/0002.png", "uninfected", "a/1"),
    ]
    assert [cell.file for cell in found.cells] == [
        tmp_path / name for name in ("2.jpg", "a/1.png", "a/1.png")
    ]
    assert found.cells[1].box == (5, 5, 14, 14)
    assert found.labels == {"rbc": "uninfected", "ring": "parasitized"}
    assert found.layout == "boxes of COCO"
    assert not left_out(found)


def test_what_is_left_out_renames_no_other_cell(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    rows = [(1, 1, 30, 30, "difficult"), (2, 2, 3, 30, "rbc"), (0, 0, 9, 9, "dust"), CELL]
    write_coco(tmp_path / "all.json", {"1.png": rows})
    labels = replace(LABELS, others={"dust": None})
    found = read(tmp_path, labels, least=8)
    assert [cell.path for cell in found.cells] == ["1/0004.png"]
    assert left_out(found) == {
        ("difficult", ""): 1,
        ("too small", ""): 1,
        ("label left out", "dust"): 1,
    }
    assert found.labels == {"rbc": "uninfected"}
    assert all("1/000" in each.first for each in found.aside.left_out())


def test_images_that_differ_in_their_suffix_alone(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png", "1.jpg", "2.png", "2.png.jpg")
    names = ["1.png", "1.jpg", "2.png", "2.png.jpg"]
    write_coco(tmp_path / "all.json", {name: [CELL] for name in names})
    paths = [cell.path for cell in read(tmp_path).cells]
    assert paths == ["1.jpg/0001.png", "1.png/0001.png", "2.png.jpg/0001.png", "2/0001.png"]


def test_all_formats_tell_the_same(tmp_path: Path) -> None:
    """The pixels 10 to 39 across and 20 to 59 down, and all of the field."""
    write_fields(tmp_path, "1.png")
    x, y, width, height = 25 / WIDTH, 40 / HEIGHT, 30 / WIDTH, 40 / HEIGHT
    shares = f"0 {x:.6f} {y:.6f} {width:.6f} {height:.6f}\n1 0.5 0.5 1 1\n"
    write_text(tmp_path / "1.txt", shares)
    write_text(tmp_path / "classes.txt", "rbc\nring\n")
    write_coco(tmp_path / "c.json", {"1.png": [(10, 20, 30, 40, "rbc"), (0, 0, 120, 90, "ring")]})
    write_text(tmp_path / "1.xml", voc((11, 21, 40, 60, "rbc"), (1, 1, 120, 90, "ring")))
    rows = [(10, 20, 40, 60, "rbc"), (0, 0, 120, 90, "ring")]
    write_text(tmp_path / "b.json", json.dumps([bbbc041("/images/1.png", *rows)]))
    for form in READERS:
        found = read(tmp_path, format=form)
        boxes = [tuple(round(edge, 3) for edge in cell.box or ()) for cell in found.cells]
        assert boxes == [(10, 20, 40, 60), (0, 0, WIDTH, HEIGHT)], form


def test_difficult_boxes_on_request(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.xml", voc((1, 1, 30, 30, "rbc", 1), (2, 2, 50, 50, "ring")))
    assert left_out(read(tmp_path)) == {("difficult", ""): 1}
    assert len(read(tmp_path, difficult=True).cells) == 2


@pytest.mark.parametrize("label", ["difficult", "Difficult"])
def test_a_category_may_say_difficult(tmp_path: Path, label: str) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "b.json", json.dumps([bbbc041("/1.png", CELL, (0, 0, 9, 9, label))]))
    assert left_out(read(tmp_path)) == {("difficult", ""): 1}
    with pytest.raises(SmearflowError, match=rf"{label} \(1\)"):  # of which class is it?
        read(tmp_path, difficult=True)


def test_all_unknown_labels_are_told_at_once(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png", "2.png")
    rows = [CELL, (1, 1, 9, 9, "leukocyte"), (2, 2, 9, 9, "leukocyte"), (3, 3, 9, 9, "schizont")]
    write_coco(tmp_path / "all.json", {"1.png": rows, "2.png": [(4, 4, 9, 9, "schizont"), CELL]})
    with pytest.raises(SmearflowError) as caught:
        read(tmp_path)
    assert "leukocyte (2), schizont (2)" in caught.value.problem
    assert "ingest.sources.0.labels: {leukocyte: null, schizont: null}" in caught.value.action
    others = {"leukocyte": None, "schizont": "parasitized"}
    found = read(tmp_path, replace(LABELS, others=others))
    assert left_out(found) == {("label left out", "leukocyte"): 2}
    assert found.labels == {"rbc": "uninfected", "schizont": "parasitized"}


def test_images_without_boxes_and_boxes_without_images(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png", "2.png", "3.png", "masks/4.png")
    write_coco(tmp_path / "all.json", {"1.png": [CELL], "2.png": [], "5.png": [CELL, CELL]})
    assert left_out(read(tmp_path)) == {("no label", ""): 3, ("no file", ""): 1}


def test_a_box_that_is_there_twice_is_one_cell(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    for name in ("all.json", "train.json"):
        write_coco(tmp_path / name, {"1.png": [CELL, (1, 1, 9, 9, "ring")]})
    found = read(tmp_path)
    assert [cell.path for cell in found.cells] == ["1/0001.png", "1/0002.png"]
    assert left_out(found) == {("drawn twice", ""): 2}


@pytest.mark.parametrize(
    ("box", "used"),
    [
        ((0, 0, 16, 16), True),
        ((0, 0, 15.9, 40), False),
        ((0, 0, 40, 15), False),
        ((0, 0, 0, 0), False),
        ((50, 50, -20, 30), False),
        ((110, 0, 30, 30), False),  # 10 pixels of it are in the image
        ((-10, -10, 26, 26), True),
        ((500, 500, 30, 30), False),
    ],
)
def test_the_least_size_is_that_of_the_part_in_the_image(
    tmp_path: Path, box: tuple[float, ...], used: bool
) -> None:
    write_fields(tmp_path, "1.png")
    write_coco(tmp_path / "all.json", {"1.png": [(*box, "rbc")]})
    found = read(tmp_path, least=16, margin=1)
    assert len(found.cells) == used
    assert left_out(found) == ({} if used else {("too small", ""): 1})


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((40, 30, 20, 10), (36, 26, 64, 44)),  # 20 % of the longer side
        ((0, 0, 20, 10), (0, 0, 24, 14)),
        ((100, 80, 20, 10), (96, 76, 120, 90)),
        ((0, 0, 120, 90), (0, 0, 120, 90)),
    ],
)
def test_a_margin_ends_at_the_border(
    tmp_path: Path, box: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    write_fields(tmp_path, "1.png")
    write_coco(tmp_path / "all.json", {"1.png": [(*box, "rbc")]})
    assert read(tmp_path, margin=0.2).cells[0].box == expected


def test_a_photograph_that_is_shown_turned(tmp_path: Path) -> None:
    write_field(tmp_path / "1.jpg", orientation=6)
    for size, expected in (
        ((HEIGHT, WIDTH), (20, 40, 60, 80)),
        ((WIDTH, HEIGHT), (10, 20, 50, 60)),
    ):
        write_text(tmp_path / "1.xml", voc((11, 21, 50, 60, "rbc"), size=size))
        assert read(tmp_path).cells[0].box == expected


def test_an_image_that_was_scaled_since(tmp_path: Path) -> None:
    write_field(tmp_path / "1.png", size=(60, 45))
    write_coco(tmp_path / "all.json", {"1.png": [CELL]})
    with pytest.raises(SmearflowError, match=r"1\.png at 120 x 90 pixels, but it has 60 x 45"):
        read(tmp_path)


@pytest.mark.parametrize("named", [True, False])
def test_two_formats_at_once(tmp_path: Path, named: bool) -> None:
    write_fields(tmp_path, "1.png")
    write_coco(tmp_path / "all.json", {"1.png": [CELL]})
    write_text(tmp_path / "1.xml", voc(CELL, CELL))
    if named:
        assert read(tmp_path, format="coco").layout == "boxes of COCO"
    else:
        with pytest.raises(SmearflowError, match=r"ingest\.sources\.0\.boxes\.format=coco\|voc"):
            read(tmp_path)


@pytest.mark.parametrize("settings", [{}, {"format": "yolo"}])
def test_no_boxes(tmp_path: Path, settings: dict[str, Any]) -> None:
    write_fields(tmp_path, "1.png")
    with pytest.raises(SmearflowError):
        read(tmp_path, **settings)


def test_the_same_on_every_run(tmp_path: Path) -> None:
    write_fields(tmp_path, "b/1.png", "a/1.png", "c.png")
    for name in "ba":
        write_text(tmp_path / name / "1.xml", voc(CELL, (1, 1, 9, 9, "ring")))
    first, second = read(tmp_path), read(tmp_path)
    assert first.cells == second.cells == sorted(first.cells, key=lambda cell: cell.path)
    assert first.aside.left_out() == second.aside.left_out()


def test_numbers_that_have_no_names_are_labels(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.txt", "0 0.5 0.5 0.5 0.5\n1 0.5 0.5 0.2 0.2\n")
    with pytest.raises(SmearflowError, match=r"0 \(1\), 1 \(1\)"):
        read(tmp_path)
    labels = Labels(LABELS.classes, (("0",), ("1",)), {})
    assert [cell.label for cell in read(tmp_path, labels).cells] == ["uninfected", "parasitized"]


EDGES = st.floats(-50, 200, allow_nan=False)
BOXES = st.builds(Box, EDGES, EDGES, EDGES, EDGES)


@given(BOXES, st.floats(0, 1))
def test_a_widened_box_holds_the_box_and_lies_in_the_image(box: Box, margin: float) -> None:
    inner = clipped(box, (WIDTH, HEIGHT))
    if inner.left >= inner.right or inner.top >= inner.bottom:
        return
    outer = clipped(widened(inner, margin), (WIDTH, HEIGHT))
    assert 0 <= outer.left <= inner.left < inner.right <= outer.right <= WIDTH
    assert 0 <= outer.top <= inner.top < inner.bottom <= outer.bottom <= HEIGHT


def test_files_are_found_as_the_source_has_them(tmp_path: Path) -> None:
    """Nothing but the files named by the survey is read."""
    write_fields(tmp_path, "1.png")
    write_coco(tmp_path / "all.json", {"1.png": [CELL]})
    files = survey(tmp_path)
    write_text(tmp_path / "later.json", "no JSON")
    assert READERS["coco"].read(tmp_path, files).marked
