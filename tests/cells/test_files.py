"""What a folder holds: images, images of other formats, other files, links, junk."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from smearflow.cells.files import Files, cell_files, survey
from smearflow.ground.errors import SmearflowError
from tests.material import write_cells


def names(files: Files) -> Mapping[str, set[str]]:
    return {kind: {str(path) for path in paths} for kind, paths in files._asdict().items()}


@pytest.mark.parametrize(
    "junk",
    [
        "Thumbs.db", "THUMBS.DB", "ehthumbs.db", "desktop.ini", ".DS_Store", "._a.png", "Icon\r",
        "a.png:Zone.Identifier", "a.png~", "a.png.crdownload", "README.md", "__MACOSX/a.png",
        "@eaDir/a.png/SYNOPHOTO_THUMB_M.jpg", "#recycle/a.png", ".git/a.png", "__pycache__/a.png",
    ],
)  # fmt: skip
def test_what_nobody_put_there_is_no_image(tmp_path: Path, junk: str) -> None:
    cells = write_cells(tmp_path / "cells", patients=1, per_class=1)
    before = cell_files(cells)
    (cells / "Parasitized" / junk).parent.mkdir(parents=True, exist_ok=True)
    (cells / "Parasitized" / junk).write_bytes(before[0].read_bytes())
    assert cell_files(cells) == before
    assert [path.parts[:2] for path in survey(cells).junk] == [("Parasitized", junk.split("/")[0])]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PNG", "images"),
        ("a.JPEG", "images"),
        ("a.jp2", "images"),
        ("a.HEIC", "images"),
        ("damaged.png", "images"),
        ("12:30:15.png", "images"),
        ("a.czi", "foreign"),
        ("a.SVS", "foreign"),
        ("a.dcm", "foreign"),
        ("a.xml", "others"),
        ("labels.csv", "others"),
        ("README", "others"),
        ("README.txt", "others"),
        ("notes.docx", "others"),
    ],
)
def test_a_suffix_tells_what_a_file_is(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).write_bytes(b"whatever it holds")
    assert names(survey(tmp_path)) == {each: set() for each in Files._fields} | {kind: {name}}


def test_content_tells_where_no_suffix_does(tmp_path: Path) -> None:
    image = cell_files(write_cells(tmp_path / "cells", patients=1, per_class=1))[0].read_bytes()
    folder = tmp_path / "other"
    folder.mkdir()
    for name, content in (("IMG_1", image), ("cell.1", image), ("notes", b"text"), ("empty", b"")):
        (folder / name).write_bytes(content)
    assert names(survey(folder))["images"] == {"IMG_1", "cell.1"}
    assert names(survey(folder))["others"] == {"notes", "empty"}


def test_links_are_followed_and_loops_are_found(tmp_path: Path) -> None:
    cells = write_cells(tmp_path / "cells", patients=1, per_class=1)
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "Parasitized").symlink_to(cells / "Parasitized")
    (linked / "Uninfected").mkdir()
    (linked / "Uninfected/a.png").symlink_to(cell_files(cells)[0])
    assert len(cell_files(linked)) == 2
    (linked / "Uninfected/up").symlink_to(linked)
    (linked / "Uninfected/gone.png").symlink_to(tmp_path / "nowhere.png")
    assert names(survey(linked))["broken"] == {"Uninfected/up", "Uninfected/gone.png"}
    assert len(cell_files(linked)) == 2


def test_a_name_that_can_not_be_told_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a\nb.png").write_bytes(b"")
    with pytest.raises(SmearflowError, match="control characters") as caught:
        survey(tmp_path)
    assert "\n" not in str(caught.value)
