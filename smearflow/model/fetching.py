"""A module out of an archive, near or far: bounded while it comes, and only files and folders.

The downloads of cells go on where they broke off, and their archives may be of any kind
(`smearflow.intake`); a module is small, and what it is packed in is a tar.
"""

import hashlib
import shutil
import tarfile
import zlib
from pathlib import Path
from urllib.parse import urlsplit

from smearflow.ground.errors import SmearflowError, first_line
from smearflow.ground.files import file_sha256
from smearflow.ground.proxies import check_proxies

MOST_BYTES = 4 * 10**9  # of an archive, and of what it unpacks to
MOST_FILES = 1000
NAME_ONE = "name a folder or archive that holds the module: BACKBONE=<folder or archive>"
_SECONDS_WITHOUT_AN_ANSWER = 60
_AS_ARCHIVE = {"tf-hub-format": "compressed"}  # without it TF-Hub's server answers with a page


def fetched(url: str, cache: Path) -> Path:
    """The folder of what lies at a URL of http or https; fetched once.

    Args:
        url: of TF-Hub, or of an archive.

    Raises:
        SmearflowError: it cannot be fetched or unpacked, or is beyond the limits.
    """
    target = cache / hashlib.sha256(url.encode()).hexdigest()
    if not target.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        archive = target.with_name(target.name + ".part")
        _download(url, archive)
        _unpack(archive, target, url)
        archive.unlink()
    return _module_in(target)


def unpacked(archive: Path, cache: Path) -> Path:
    """The folder of what an archive on this machine holds; unpacked once per content.

    Raises:
        SmearflowError: it cannot be unpacked, or is beyond the limits.
    """
    target = cache / file_sha256(archive)
    if not target.is_dir():
        _unpack(archive, target, str(archive))
    return _module_in(target)


def _module_in(folder: Path) -> Path:
    found = sorted(folder.rglob("saved_model.pb"))
    return found[0].parent if found else folder


def _download(url: str, target: Path) -> None:
    import httpx  # here, because few stages download

    if urlsplit(url).scheme not in ("http", "https"):
        raise SmearflowError(f"backbone {url} cannot be fetched: no URL of http or https", NAME_ONE)
    check_proxies()
    written = 0
    try:
        where = httpx.URL(url).copy_merge_params(_AS_ARCHIVE)
        asked = httpx.stream(
            "GET",
            where,
            headers={"Accept-Encoding": "identity"},
            follow_redirects=True,
            timeout=_SECONDS_WITHOUT_AN_ANSWER,
        )
        with asked as answer, target.open("wb") as stream:
            answer.raise_for_status()
            for block in answer.iter_raw():
                written += len(block)
                if written > MOST_BYTES:
                    raise _beyond(url, f"{MOST_BYTES} bytes")
                stream.write(block)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        problem = f"backbone {url} cannot be fetched: {first_line(error)}"
        raise SmearflowError(problem, NAME_ONE) from error


def _unpack(archive: Path, target: Path, handle: str) -> None:
    new = target.with_name(target.name + ".new")
    shutil.rmtree(new, ignore_errors=True)  # a kill may have left part of it
    new.mkdir(parents=True)
    try:
        with tarfile.open(archive) as tar:
            _write_members(tar, new, handle)
        new.rename(target)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        problem = f"backbone {handle} cannot be unpacked: {first_line(error)}"
        raise SmearflowError(problem, NAME_ONE) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _write_members(tar: tarfile.TarFile, folder: Path, handle: str) -> None:
    """Write each member while the whole is within the limits; a tar holds no more than it says."""
    size = 0
    for number, member in enumerate(tar, start=1):
        size += member.size
        if size > MOST_BYTES or number > MOST_FILES:
            raise _beyond(handle, f"{MOST_BYTES} bytes or {MOST_FILES} files")
        if not (member.isreg() or member.isdir()):
            raise SmearflowError(
                f"backbone {handle} cannot be unpacked: {member.name!r} is a link or device",
                NAME_ONE,
            )
        tar.extract(member, folder, filter="data")  # refuses what leads outside


def _beyond(handle: str, limit: str) -> SmearflowError:
    return SmearflowError(f"backbone {handle} is larger than {limit}", NAME_ONE)
