"""Where labelled cells come from: a URL, an archive, a folder, or the renderer."""

import shutil
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import httpx

from smearflow.cells.files import cell_files
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256, tree_sha256
from smearflow.ground.proxies import check_proxies
from smearflow.intake.archives import extract
from smearflow.intake.layout import labelled_folder
from smearflow.params.ingest import Source
from smearflow.params.machine import Locations
from smearflow.sample import write_sample

TIMEOUT = 60.0  # seconds without a byte
REPORT_EVERY = 25 * 10**6  # bytes


def fetch(source: Source, classes: tuple[str, str], work: Path, option: str = "DATA") -> Path:
    """Bring the cells of a source to this machine.

    Args:
        classes: label names; a folder with one of them inside is the data set.
        work: for the download, the unpacked archive and rendered cells; a download goes on from
            what is there.
        option: by which a user names another place for this source, for the messages.

    Returns:
        A folder that holds `<label>/<file>` and nothing else of interest.

    Raises:
        SmearflowError: the location is missing, can't be reached, is not what was pinned, is no
            sound archive or holds no such data set.
    """
    location = source.location
    if source.kind == "sample":
        rendered = work / source.name
        shutil.rmtree(rendered, ignore_errors=True)
        write_sample(rendered, classes, source.patients, source.cells, source.seed)
        return rendered
    if location is None:
        raise SmearflowError(
            f"the source {source.name} has no location", f"name one: {option}=<folder or archive>"
        )
    downloaded = urlsplit(location).scheme in ("http", "https")
    if downloaded:
        path = work / f"{source.name}-{PurePosixPath(urlsplit(location).path).name}"
        if not path.exists():
            download(location, path, size=source.bytes, sha256=source.sha256, option=option)
    else:
        path = Path(location).expanduser()
        _check_pinned(source, path, option)
    if path.is_file():
        unpacked = work / source.name
        shutil.rmtree(unpacked, ignore_errors=True)
        try:
            extract(path, unpacked)
        except SmearflowError:
            if downloaded:
                path.unlink()  # or a later run would meet it again instead of a better one
            raise
        return _labelled_inside(location, unpacked, classes, option)
    return labelled_folder(path, classes, option)


def _labelled_inside(archive: str, unpacked: Path, classes: tuple[str, str], option: str) -> Path:
    """As `labelled_folder`; its messages name the archive, as what was unpacked will be gone."""
    try:
        return labelled_folder(unpacked, classes, option)
    except SmearflowError as error:
        problem, action = (
            text.replace(str(unpacked), place)
            for text, place in ((error.problem, archive), (error.action, "<where it is>"))
        )
        raise SmearflowError(problem, f"unpack it, {action}") from None


def located(source: Source, locations: Locations) -> Source:
    """A source at the place where this machine keeps it, if `locations` names one.

    Raises:
        SmearflowError: that place is not pinned, so nothing would notice that it holds other cells.
    """
    place = locations.get(source.name)
    if place is None:
        return source
    if source.sha256 is None:
        found = source_fingerprint(Path(place).expanduser())
        raise SmearflowError(
            f"locations.{source.name} is {place}, but the source is not pinned",
            f"set its sha256 in ingest.sources of params.yaml: {found}",
        )
    return source.model_copy(update={"location": place})


def source_fingerprint(path: Path) -> str:
    """sha256 of an archive, or of the sorted relative names and contents of a folder's images.

    Returns:
        64 hex digits, the value of `sha256` of a source in params.yaml.

    Raises:
        SmearflowError: the path does not exist.
    """
    if path.is_file():
        return file_sha256(path)
    if not path.is_dir():
        raise SmearflowError(f"{path} does not exist", "name a folder or an archive")
    return tree_sha256(path, cell_files(path))


def _check_pinned(source: Source, path: Path, option: str) -> None:
    if not path.exists():
        raise SmearflowError(
            f"{path} does not exist",
            f"bring it back, or name another: {option}=<folder or archive>",
        )
    if path.is_file() and source.bytes:
        _check_size(path, path.stat().st_size, source.bytes)
    found = source_fingerprint(path)
    if source.sha256 not in (None, found):
        again = f"{option}={path}"
        if option != "DATA":
            again = f"{option.replace('.location', '.sha256')}={found}"
        raise SmearflowError(
            f"{path} changed since it was pinned (sha256 {found}, pinned {source.sha256})",
            f"bring back what was there, or take what is there now: {again}",
        )
    print(f"{source.name}: {path}, sha256 {found}", flush=True)


def _check_size(what: object, found: int, expected: int) -> None:
    if found != expected:
        raise SmearflowError(
            f"{what} has {found} bytes, expected {expected}",
            "use the right file, or correct the bytes of that source in params.yaml",
        )


def download(
    url: str,
    target: Path,
    *,
    size: int | None = None,
    sha256: str | None = None,
    option: str = "DATA",
) -> None:
    """Download a file; `target` appears only when it is complete and verified.

    What has come is kept in `<target>.part`: an interrupted connection, or a later call, goes on
    there if the server supports ranges and starts again if it does not.

    Args:
        size: expected bytes.
        sha256: expected hash, hex.
        option: as of `fetch`.

    Raises:
        SmearflowError: the server can't be reached or refuses, or the file is another one.
    """
    check_proxies()
    part = target.with_name(f"{target.name}.part")
    part.touch()
    complete = False
    while not complete:
        before = part.stat().st_size
        try:
            _receive(url, part)
            complete = True
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if part.stat().st_size <= before:  # trying on without progress would be for ever
                raise SmearflowError(
                    f"cannot download {url}: {_reason(error)}",
                    f"try again later, or name a copy: {option}=<folder or archive>",
                ) from error
    try:
        _verify(url, part, size, sha256)
    except SmearflowError:
        part.unlink()  # going on from wrong bytes would never help
        raise
    part.rename(target)


def _receive(url: str, part: Path) -> None:
    """Append what is missing of the file, or write it anew if the server knows no ranges."""
    offset = part.stat().st_size
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={offset}-"} if offset else {})
    with httpx.stream(
        "GET", url, headers=headers, follow_redirects=True, timeout=TIMEOUT
    ) as response:
        if offset and response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            if response.headers.get("Content-Range") == f"bytes */{offset}":
                return  # killed after the last byte
            part.write_bytes(b"")
            _receive(url, part)
            return
        response.raise_for_status()
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        with part.open("ab" if resumed else "wb") as stream:
            for block in response.iter_raw():
                if stream.tell() // REPORT_EVERY < (stream.tell() + len(block)) // REPORT_EVERY:
                    print(f"{url}: {stream.tell() // 10**6} MB", flush=True)
                stream.write(block)


def _verify(url: str, file: Path, size: int | None, sha256: str | None) -> None:
    if size:
        _check_size(url, file.stat().st_size, size)
    found = file_sha256(file)
    if sha256 not in (None, found):
        raise SmearflowError(
            f"{url} has the sha256 {found}, expected {sha256}",
            "use the right file, or, if this is the one meant, correct the sha256 of that source "
            "in params.yaml",
        )
    print(f"{url}: {file.stat().st_size} bytes, sha256 {found}", flush=True)


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"the server answered {error.response.status_code}"
    return str(error) or type(error).__name__
