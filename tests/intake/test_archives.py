import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.intake.archives import Limits, extract


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def refused(archive: Path, reason: str, limits: Limits | None = None) -> None:
    """Extraction fails for this reason and leaves nothing, inside the target or beside it."""
    before = set(archive.parent.parent.rglob("*"))
    with pytest.raises(SmearflowError, match=reason) as caught:
        extract(archive, archive.parent / "target", limits or Limits())
    assert str(caught.value).isprintable()
    assert set(archive.parent.parent.rglob("*")) == before


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "inner").mkdir()
    return tmp_path / "inner"


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_extracts(make, place: Path) -> None:  # type: ignore[no-untyped-def]
    archive = make(place / "archive", {"a/b.png": b"one", "a/c/d.png": b"two"})
    extract(archive, place / "target")
    files = {f.relative_to(place / "target"): f.read_bytes() for f in place.rglob("*.png")}
    assert files == {Path("a/b.png"): b"one", Path("a/c/d.png"): b"two"}
    assert sorted(path.name for path in place.iterdir()) == ["archive", "target"]


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize(
    "name",
    [
        *("../out.png", "a/../../out.png", "/tmp/smearflow-out.png", "C:/out.png", "..\\out.png"),
        "../\x1b[2J\x9bout.png",
    ],
)
def test_refuses_paths_outside(make, name: str, place: Path) -> None:  # type: ignore[no-untyped-def]
    refused(make(place / "archive", {"a/fine.png": b"x", name: b"y"}), "outside the target")


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_refuses_too_many_files(make, place: Path) -> None:  # type: ignore[no-untyped-def]
    archive = make(place / "archive", {f"{n}.png": b"" for n in range(6)})
    refused(archive, "more than 5 files", Limits(members=5))


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize("limits", [Limits(size=10**6), Limits(ratio=50)])
def test_refuses_bombs(make, limits: Limits, place: Path) -> None:  # type: ignore[no-untyped-def]
    refused(make(place / "archive", {"a.png": bytes(5 * 10**6)}), "unpacks to more", limits)


def test_refuses_a_zip_that_lies_about_its_size(place: Path) -> None:
    archive = make_zip(place / "archive.zip", {"a.png": bytes(1000)})
    content = archive.read_bytes().replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    archive.write_bytes(content)
    refused(archive, "damaged")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_refuses_links_and_devices_in_tars(kind: bytes, place: Path) -> None:
    with tarfile.open(place / "archive.tar", "w") as archive:
        member = tarfile.TarInfo("a/link.png")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    refused(place / "archive.tar", "link or device")


def test_refuses_links_in_zips(place: Path) -> None:
    with zipfile.ZipFile(place / "archive.zip", "w") as archive:
        member = zipfile.ZipInfo("a/link.png")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    refused(place / "archive.zip", "link or device")


def test_refuses_a_member_that_comes_twice(place: Path) -> None:
    with tarfile.open(place / "archive.tar", "w") as archive:
        for content in (b"one", b"two"):
            member = tarfile.TarInfo("a.png")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    refused(place / "archive.tar", "twice")


def test_refuses_encrypted_zips(place: Path) -> None:
    archive = make_zip(place / "archive.zip", {"a.png": b"secret"})
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag in the directory
    archive.write_bytes(content)
    refused(archive, "encrypted")


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_refuses_cut_off_archives(make, place: Path) -> None:  # type: ignore[no-untyped-def]
    archive = make(place / "archive", {f"{n}.png": bytes(range(256)) * n for n in range(9)})
    archive.write_bytes(archive.read_bytes()[:-100])
    refused(archive, "damaged|neither")


def test_refuses_other_files(place: Path) -> None:
    (place / "notes.txt").write_text("no archive")
    refused(place / "notes.txt", "neither a zip nor a tar")
