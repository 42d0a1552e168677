import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from smearflow.intake.names import image_names

FILES = ("set/all/sick/a/1.png", "set/all/well/2.JPG", "set/all/sick/Thumbs.db", "set/all/x.csv")
EXPECTED = ["sick/a/1.png", "well/2.JPG"]


def test_images_of_a_folder(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert image_names(tmp_path) == EXPECTED


def test_images_of_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for name in (*FILES, "__MACOSX/set/all/sick/a/._1.png"):
            packed.writestr(name, b"x")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as packed_tar:
        for name in FILES:
            member = tarfile.TarInfo(name)
            member.size = 1
            packed_tar.addfile(member, io.BytesIO(b"x"))
    assert image_names(tmp_path / "a.zip") == EXPECTED
    assert image_names(tmp_path / "a.tar.gz") == EXPECTED


def test_what_is_no_archive_or_empty(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(OSError, match=r"a\.zip"):
        image_names(tmp_path / "a.zip")
    (tmp_path / "empty").mkdir()
    assert image_names(tmp_path / "empty") == []
