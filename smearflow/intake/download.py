"""Downloads that go on where they were interrupted, and are verified before they are used."""

from pathlib import Path

import httpx

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256
from smearflow.ground.proxies import check_proxies

TIMEOUT = 60.0  # seconds without a byte
REPORT_EVERY = 25 * 10**6  # bytes


def check_size(what: object, found: int, expected: int) -> None:
    """Compare sizes in bytes.

    Raises:
        SmearflowError: they differ.
    """
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
        check_size(url, file.stat().st_size, size)
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
