import hashlib
import shutil
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.intake.download import download
from smearflow.intake.sources import fetch, source_fingerprint
from smearflow.params.ingest import Source
from tests.material import CLASSES, LABELS, write_cells

CONTENT = bytes(range(256)) * 4000


class Server(ThreadingHTTPServer):
    """Serves CONTENT at every path; what it was asked for is in `ranges`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.knows_ranges = True
        self.break_after: list[int] = []  # bytes sent before each of the next answers breaks off
        self.status = 0
        self.ranges: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/cells.zip"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        content = self.server.content
        start = int(wanted[len("bytes=") : -1]) if wanted and self.server.knows_ranges else 0
        if self.server.status:
            self.send_error(self.server.status)
            return
        if start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + self.server.break_after.pop(0) if self.server.break_after else len(content)
        self.wfile.write(content[start:end])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_download(server: Server, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    download(server.url, tmp_path / "cells.zip", size=len(CONTENT), sha256=sha256)
    assert (tmp_path / "cells.zip").read_bytes() == CONTENT
    assert len(list(tmp_path.iterdir())) == 1


def test_download_goes_on_where_the_connection_broke(server: Server, tmp_path: Path) -> None:
    server.break_after = [300_000, 200_000]
    download(server.url, tmp_path / "cells.zip")
    assert (tmp_path / "cells.zip").read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=300000-", "bytes=500000-"]


def test_download_goes_on_in_a_later_call(server: Server, tmp_path: Path) -> None:
    server.break_after = [300_000, 0]
    with pytest.raises(SmearflowError, match=r"cannot download http://127.*cells.zip.*DATA="):
        download(server.url, tmp_path / "cells.zip")
    assert not (tmp_path / "cells.zip").exists()
    download(server.url, tmp_path / "cells.zip")
    assert (tmp_path / "cells.zip").read_bytes() == CONTENT
    assert server.ranges[-1] == "bytes=300000-"


def test_download_from_a_server_without_ranges_starts_again(server: Server, tmp_path: Path) -> None:
    server.knows_ranges = False
    (tmp_path / "cells.zip.part").write_bytes(b"an older half")
    server.break_after = [300_000]
    download(server.url, tmp_path / "cells.zip")
    assert (tmp_path / "cells.zip").read_bytes() == CONTENT


@pytest.mark.parametrize("kept", [CONTENT, CONTENT + b"more"])
def test_download_after_the_last_byte(kept: bytes, server: Server, tmp_path: Path) -> None:
    (tmp_path / "cells.zip.part").write_bytes(kept)
    download(server.url, tmp_path / "cells.zip")
    assert (tmp_path / "cells.zip").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("pinned", "reason"),
    [({"sha256": "0" * 64}, "sha256"), ({"size": 5}, "1024000 bytes, expected 5")],
)
def test_download_of_another_file(
    pinned: dict[str, object], reason: str, server: Server, tmp_path: Path
) -> None:
    with pytest.raises(SmearflowError, match=reason):
        download(server.url, tmp_path / "cells.zip", **pinned)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_download_of_a_missing_file(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(SmearflowError, match="the server answered 404"):
        download(server.url, tmp_path / "cells.zip")


def test_download_without_a_network(server: Server, tmp_path: Path) -> None:
    url = server.url
    server.server_close()
    with pytest.raises(SmearflowError, match=r"cells\.zip") as caught:
        download(url, tmp_path / "cells.zip")
    assert "\n" not in str(caught.value)
    assert "DATA=<folder or archive>" in str(caught.value)


def source(location: Path | str | None, **settings: object) -> Source:
    text = None if location is None else str(location)
    return Source(name="lab", kind="folder", location=text, **settings)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Cells packed as NIH's archive is: one top folder, stray Thumbs.db."""
    top = write_cells(tmp_path / "published" / "cell_images", patients=2, per_class=1)
    (top / "Uninfected" / "Thumbs.db").write_bytes(b"thumbnails")
    return Path(shutil.make_archive(str(tmp_path / "published"), "zip", top.parent))


def test_fetch_a_folder(cells: Path, tmp_path: Path) -> None:
    found = [cell.file for cell in fetch(source(cells), LABELS, tmp_path).cells]
    assert found == sorted(cells.glob("*/*"))
    assert not list(tmp_path.iterdir())


def test_fetch_an_archive(published: Path, tmp_path: Path) -> None:
    found = fetch(source(published), LABELS, tmp_path)
    assert {cell.label for cell in found.cells} == set(CLASSES)
    fetch(source(published), LABELS, tmp_path)  # a killed run left its unpacked folder


def test_fetch_a_url(published: Path, server: Server, tmp_path: Path) -> None:
    server.content = published.read_bytes()
    pinned = source(server.url, sha256=source_fingerprint(published), bytes=len(server.content))
    (tmp_path / "work").mkdir()
    for _ in range(2):
        found = fetch(pinned, LABELS, tmp_path / "work")
        assert {cell.label for cell in found.cells} == set(CLASSES)
    assert len(server.ranges) == 1


@pytest.mark.parametrize("location", [None, "/nowhere/cells"])
def test_fetch_nothing(location: str | None, tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match=r"DATA=<folder or archive>"):
        fetch(source(location), LABELS, tmp_path)


def test_fetch_verifies_a_pinned_folder(tmp_path: Path) -> None:
    cells = write_cells(tmp_path / "cells", patients=2, per_class=1)
    pinned = source(cells, sha256=source_fingerprint(cells))
    fetch(pinned, LABELS, tmp_path)
    next((cells / "Uninfected").iterdir()).unlink()
    with pytest.raises(SmearflowError, match=r"changed since it was pinned.*bring back.*DATA="):
        fetch(pinned, LABELS, tmp_path)


def test_fetch_verifies_a_pinned_archive(published: Path, tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="bytes, expected 5"):
        fetch(source(published, bytes=5), LABELS, tmp_path)
    with pytest.raises(SmearflowError, match="changed since it was pinned"):
        fetch(source(published, sha256="0" * 64), LABELS, tmp_path)


def test_fetch_a_bad_archive_leaves_nothing(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("Uninfected/a.png", b"fine")
        archive.writestr("../b.png", b"outside")
    with pytest.raises(SmearflowError):
        fetch(source(tmp_path / "bad.zip"), LABELS, tmp_path / "work")
    assert not list((tmp_path / "work").iterdir())


def test_fetch_brings_a_better_archive_after_a_bad_one(
    published: Path, server: Server, tmp_path: Path
) -> None:
    server.content = b"an error page in place of the archive"
    with pytest.raises(SmearflowError, match="neither a zip nor a tar"):
        fetch(source(server.url), LABELS, tmp_path)
    server.content = published.read_bytes()
    assert fetch(source(server.url), LABELS, tmp_path).cells


def test_fingerprint_knows_names_and_contents_only(tmp_path: Path) -> None:
    first = write_cells(tmp_path / "a", patients=2, per_class=1)
    second = write_cells(tmp_path / "b", patients=2, per_class=1)
    (second / "Thumbs.db").write_bytes(b"")
    (second / ".hidden").write_bytes(b"")
    assert source_fingerprint(first) == source_fingerprint(second)
    image = next((second / "Uninfected").iterdir())
    image.rename(image.with_name("other.png"))
    assert source_fingerprint(first) != source_fingerprint(second)


def test_an_archive_is_named_in_place_of_what_was_unpacked(cells: Path, tmp_path: Path) -> None:
    shutil.copytree(cells, tmp_path / "top/cells")
    again = shutil.copytree(cells, tmp_path / "top/cells/cells")
    next(again.glob("*/*")).write_bytes(b"another")
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "top")
    with pytest.raises(SmearflowError) as caught:
        fetch(source(archive), LABELS, tmp_path / "work")
    assert f"{archive}/cells holds the class folders twice, other" in caught.value.problem
    assert "unpack it, " in caught.value.action
    assert "DATA=<where it is>/cells/cells" in caught.value.action
    assert str(tmp_path / "work") not in str(caught.value)


def test_another_source_is_not_replaced_by_data(tmp_path: Path) -> None:
    option = "ingest.sources.1.location"
    cells = write_cells(tmp_path / "cells", patients=2, per_class=1)
    with pytest.raises(SmearflowError, match=rf"{option}=<folder or archive>") as caught:
        fetch(source("/nowhere/cells"), LABELS, tmp_path, option)
    assert "DATA" not in str(caught.value)
    with pytest.raises(SmearflowError, match=r"ingest.sources.1.sha256=[0-9a-f]{64}$") as caught:
        fetch(source(cells, sha256="0" * 64), LABELS, tmp_path, option)
    assert "DATA" not in str(caught.value)
