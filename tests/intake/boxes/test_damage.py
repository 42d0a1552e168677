"""Whatever an annotation file holds, it is read or refused in one line."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smearflow.cells.files import survey
from smearflow.ground.errors import SmearflowError
from smearflow.intake.boxes.formats import READERS, format_of
from smearflow.intake.boxes.marks import Format
from tests.intake.boxes.material import bbbc041, voc, write_coco, write_fields, write_text

ROW = (10, 20, 30, 40, "rbc")
FILES: dict[Format, str] = {"coco": "a.json", "voc": "1.xml", "yolo": "1.txt", "bbbc041": "b.json"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each format."""
    root = tmp_path_factory.mktemp("formats")
    for form in FILES:
        write_fields(root / form, "1.png")
    write_coco(root / "coco/a.json", {"1.png": [ROW]})
    write_text(root / "voc/1.xml", voc(ROW))
    write_text(root / "yolo/1.txt", "0 0.5 0.5 0.1 0.1\n")
    write_text(root / "yolo/data.yaml", "names: [rbc]\n")
    write_text(root / "bbbc041/b.json", json.dumps([bbbc041("/1.png", ROW)]))
    return root


PIECES = st.one_of(
    st.binary(max_size=3),
    st.sampled_from([b"null", b"1e999", b"-1", b"NaN", b"[]", b"{}", b'""', b"<a>", b"9" * 5000]),
)


@pytest.mark.parametrize("form", FILES)
@given(start=st.floats(0, 1), length=st.integers(0, 12), piece=PIECES)
@example(start=0.0, length=1 << 20, piece=b"")
def test_damage(folders: Path, form: Format, start: float, length: int, piece: bytes) -> None:
    folder, file = folders / form, folders / form / FILES[form]
    whole = file.read_bytes()
    at = int(start * len(whole))
    file.write_bytes(whole[:at] + piece + whole[at + length :])
    told = str(folder)
    try:
        format_of(folder, survey(folder))
        READERS[form].read(folder, survey(folder))
    except SmearflowError as error:
        told = str(error)
    finally:
        file.write_bytes(whole)
    assert str(folder) in told
    assert "\n" not in told
