from pathlib import Path
from typing import Any

import pytest

from smearflow.ground.errors import SmearflowError
from tests.intake.boxes.material import boxes_of, marks_of, voc, write_fields, write_text

ROW = (11, 21, 40, 60, "rbc")
BOX = (10, 20, 40, 60)


def test_pixels_are_counted_from_1_and_the_last_is_inside(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.xml", voc(ROW, (1, 1, 120, 90, "ring")))
    assert boxes_of(tmp_path, "voc") == [
        ("1.png", "rbc", BOX),
        ("1.png", "ring", (0, 0, 120, 90)),
    ]


@pytest.mark.parametrize(
    ("image", "xml"),
    [
        ("1.png", "1.xml"),
        ("JPEGImages/1.jpg", "Annotations/1.xml"),
        ("JPEGImages/train/1.v2.jpg", "Annotations/train/1.v2.xml"),
        ("a/b/1.TIF", "1.xml"),
    ],
)
def test_the_image_has_the_name_of_the_xml(tmp_path: Path, image: str, xml: str) -> None:
    write_fields(tmp_path, image, "JPEGImages/2.jpg")
    write_text(tmp_path / xml, voc(ROW, name="2.jpg"))  # as of the image it was copied from
    assert boxes_of(tmp_path, "voc") == [(image, "rbc", BOX)]


def test_the_name_in_the_xml_counts_where_no_image_has_its_own(tmp_path: Path) -> None:
    write_fields(tmp_path, "images/1.png")
    write_text(tmp_path / "xml/first.xml", voc(ROW, name="D:\\smears\\1.png"))
    assert boxes_of(tmp_path, "voc") == [("images/1.png", "rbc", BOX)]


@pytest.mark.parametrize("rows", [[ROW], []])
def test_a_name_in_the_xml_takes_no_image_of_another(tmp_path: Path, rows: list[Any]) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.xml", voc(*rows, name="1.png"))
    write_text(tmp_path / "1_turned.xml", voc((1, 1, 9, 9, "ring"), name="1.png"))
    marks = marks_of(tmp_path, "voc")
    assert [each.source for each in marks.marked] == ["1.xml"] * len(rows)
    assert [each.reason for each in marks.unused] == ["no file"]


def test_a_mask_of_the_same_name_is_no_image_that_is_meant(tmp_path: Path) -> None:
    write_fields(tmp_path, "JPEGImages/1.jpg", "SegmentationClass/1.png")
    write_text(tmp_path / "Annotations/1.xml", voc(ROW, name="1.jpg"))
    assert boxes_of(tmp_path, "voc") == [("JPEGImages/1.jpg", "rbc", BOX)]


def test_the_nearest_image_is_meant(tmp_path: Path) -> None:
    write_fields(tmp_path, "VOC2007/JPEGImages/1.jpg", "VOC2012/JPEGImages/1.jpg")
    write_text(tmp_path / "VOC2012/Annotations/1.xml", voc(ROW, name="1.jpg"))
    assert boxes_of(tmp_path, "voc") == [("VOC2012/JPEGImages/1.jpg", "rbc", BOX)]


def test_difficult(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.xml", voc((*ROW, 1), (*ROW, 0), ROW))
    assert [each.difficult for each in marks_of(tmp_path, "voc").marked] == [True, False, False]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    write_fields(tmp_path, "1.png")
    declared = encoding.removesuffix("-sig")
    head = f'<?xml version="1.0" encoding="{declared}"?>\r\n<!-- by hand > all -->\r\n'
    text = head + voc((*ROW[:4], "Ringstadium ä"))
    (tmp_path / "1.xml").write_bytes(text.encode(encoding))
    assert boxes_of(tmp_path, "voc") == [("1.png", "Ringstadium ä", BOX)]


def test_xml_of_another_kind_is_passed_over(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.xml", "<annotations><image><annotation /></image></annotations>")
    assert boxes_of(tmp_path, "voc") == []


@pytest.mark.parametrize("head", ["<!-->" * 700, "<!--" * 900, "<?a>" * 900, "<!a]>" * 700])
def test_a_head_that_never_ends_is_looked_at_once(tmp_path: Path, head: str) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.xml", head + "<annotations />")
    assert boxes_of(tmp_path, "voc") == []


def test_a_size_of_0_is_none(tmp_path: Path) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.xml", voc(ROW, size=(0, 0)))
    assert marks_of(tmp_path, "voc").marked[0].size is None


ENTITIES = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (voc(ROW)[:-20], "no element|unclosed|not well-formed|mismatched"),
        (ENTITIES + voc((*ROW[:4], "&b;")), "a document type, a, which is not read"),
        (voc(("x", *ROW[1:])), "object 1: bndbox/xmin is 'x', no number"),
        (voc(("nan", *ROW[1:])), "object 1: bndbox/xmin is 'nan', no number"),
        (voc(ROW, (*ROW[:4], "")), "object 2: no name"),
        (voc(ROW).replace("ymax", "last"), "object 1: no bndbox/ymax"),
        (voc(ROW, size=("wide", 3)), "size/width is 'wide', no number"),  # type: ignore[arg-type]
        ('<?xml version="1.0" encoding="klingon"?>' + voc(ROW), "klingon|encoding"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, text: str, reason: str) -> None:
    write_fields(tmp_path, "1.png")
    write_text(tmp_path / "1.xml", text)
    with pytest.raises(SmearflowError, match=reason) as caught:
        marks_of(tmp_path, "voc")
    assert str(tmp_path / "1.xml") in str(caught.value)
    assert "\n" not in str(caught.value)
