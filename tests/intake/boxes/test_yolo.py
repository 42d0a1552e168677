from pathlib import Path

import pytest

from smearflow.ground.errors import SmearflowError
from tests.intake.boxes.material import (
    HEIGHT,
    WIDTH,
    boxes_of,
    marks_of,
    write_field,
    write_fields,
    write_text,
)


def row(left: float, top: float, right: float, bottom: float, label: int = 0) -> str:
    """As programs write it, with few digits."""
    centre = (left + right) / 2 / WIDTH, (top + bottom) / 2 / HEIGHT
    size = (right - left) / WIDTH, (bottom - top) / HEIGHT
    return " ".join([str(label), *(f"{share:.6f}" for share in centre + size)])


BOX = (10, 20, 40, 60)
ROW = row(*BOX)


def test_shares_are_of_the_image(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.txt", f"\ufeff{ROW}\r\n\r\n{row(0, 0, WIDTH, HEIGHT, 1)}\r\n")
    write_text(tmp_path / "classes.txt", "rbc\r\nring\r\n")
    assert boxes_of(tmp_path, "yolo") == [
        ("1.png", "rbc", BOX),
        ("1.png", "ring", (0, 0, WIDTH, HEIGHT)),
    ]


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ("obj_train_data/1.jpg", "obj_train_data/1.txt"),
        ("images/train/1.jpg", "labels/train/1.txt"),
        ("train/images/1.jpg", "train/labels/1.txt"),
        ("photographs/1.jpg", "boxes/1.txt"),
    ],
)
def test_where_the_files_are(tmp_path: Path, image: str, text: str) -> None:
    write_fields(tmp_path, image, "valid/images/2.jpg", "images/val/1b.jpg")
    write_text(tmp_path / text, ROW)
    assert boxes_of(tmp_path, "yolo") == [(image, "0", BOX)]


def test_the_image_of_the_same_side_is_meant(tmp_path: Path) -> None:
    write_fields(tmp_path, "train/images/1.jpg", "valid/images/1.jpg", "valid/masks/1.png")
    write_text(tmp_path / "valid/labels/1.txt", ROW)
    assert boxes_of(tmp_path, "yolo") == [("valid/images/1.jpg", "0", BOX)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("classes.txt", "rbc\nring\n\n"),
        ("obj.names", "rbc\r\nring"),
        ("data.yaml", "train: ../images\nnc: 2\nnames: ['rbc', 'ring']\n"),
        ("dataset.yaml", "names:\n  0: rbc\n  1: ring\n"),
        ("sub/mine.yml", "names:\n- rbc\n- ring\n"),
    ],
)
def test_names_of_classes(tmp_path: Path, name: str, text: str) -> None:
    write_fields(tmp_path, "images/1.png")
    write_text(tmp_path / "labels/1.txt", row(*BOX, 1))
    write_text(tmp_path / name, text)
    write_text(tmp_path / "settings.yaml", "epochs: 3\n")
    assert boxes_of(tmp_path, "yolo") == [("images/1.png", "ring", BOX)]


def test_the_nearest_names_count(tmp_path: Path) -> None:
    for side, text in (("a", "rbc\nring"), ("b", "ring\nrbc")):
        write_fields(tmp_path, f"{side}/1.png")
        write_text(tmp_path / side / "1.txt", ROW)
        write_text(tmp_path / side / "classes.txt", text)
    assert [label for _, label, _ in boxes_of(tmp_path, "yolo")] == ["rbc", "ring"]


def test_names_that_contradict_each_other(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.txt", ROW)
    write_text(tmp_path / "x/classes.txt", "rbc\nring")
    write_text(tmp_path / "y/data.yaml", "names: [ring, rbc]")
    with pytest.raises(SmearflowError, match=r"x/classes\.txt and y/data\.yaml give"):
        marks_of(tmp_path, "yolo")


def test_numbers_that_follow_the_box(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    outline = "0 0.1 0.2 0.5 0.9 0.3 0.1"
    write_text(tmp_path / "1.txt", "\n".join([f"{ROW} 0.93", outline, f"{outline} 0.5"]))
    rectangle = (0.1 * WIDTH, 0.1 * HEIGHT, 0.5 * WIDTH, 0.9 * HEIGHT)
    assert [box for *_, box in boxes_of(tmp_path, "yolo")] == [BOX, rectangle, rectangle]


def test_shares_of_a_photograph_that_is_shown_turned(tmp_path: Path) -> None:
    write_field(tmp_path / "1.jpg", orientation=6)
    write_text(tmp_path / "1.txt", "0 0.25 0.5 0.5 1")
    marked = marks_of(tmp_path, "yolo").marked[0]
    assert marked.size == (HEIGHT, WIDTH)
    assert marked.box == (0, 0, HEIGHT / 2, WIDTH)


def test_files_without_an_image(tmp_path: Path) -> None:
    write_fields(tmp_path, "images/1.png")
    write_text(tmp_path / "labels/1.txt", ROW)
    write_text(tmp_path / "labels/2.txt", ROW)
    write_text(tmp_path / "notes.txt", "stained on Monday\n")
    write_text(tmp_path / "train.txt", "images/1.png\n")
    unused = marks_of(tmp_path, "yolo").unused
    assert [(each.reason, each.first) for each in unused] == [
        ("no file", "images/2 of labels/2.txt")
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{ROW}\n0 0.5 0.5 0.1\n", "line 2: not the number of a class and four shares"),
        (f"{ROW}\nrbc 0.5 0.5 0.1 0.1\n", "line 2: not numbers alone"),
        ("-1 0.5 0.5 0.1 0.1", "line 1: not the number of a class"),
        ("0.5 0.5 0.5 0.1 0.1", "line 1: not the number of a class"),
        ("0 60 45 30 40", "line 1: numbers that are no shares of the image"),
        ("0 nan 0.5 0.1 0.1", "line 1: numbers that are no shares"),
        ("0 inf 0.5 0.1 0.1", "line 1: numbers that are no shares"),
        ("7 0.5 0.5 0.1 0.1", "line 1: class 7, which has no name"),
    ],
)
def test_a_row_that_cannot_be_read(tmp_path: Path, text: str, reason: str) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.txt", text)
    write_text(tmp_path / "classes.txt", "rbc\nring\n")
    with pytest.raises(SmearflowError, match=reason) as caught:
        marks_of(tmp_path, "yolo")
    assert str(tmp_path / "1.txt") in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("data.yaml", b"names: 3\n", "neither a list of names"),
        ("data.yaml", b"names: [a, [b]]\n", "neither a list of names"),
        ("data.yaml", b"names: [a\n", "is not YAML"),
        ("classes.txt", b"\xff\xfe\x00", "no UTF-8"),
    ],
)
def test_names_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.txt", ROW)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SmearflowError, match=reason) as caught:
        marks_of(tmp_path, "yolo")
    assert str(tmp_path / name) in str(caught.value)
