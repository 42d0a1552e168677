"""Extraction of archives that nobody vouches for."""

import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from smearflow.ground.errors import SmearflowError

BLOCK = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What an archive may become.

    Attributes:
        members: files in it.
        size: bytes of all files unpacked.
        ratio: of bytes unpacked to the archive's own; images are compressed already, near 1.
    """

    members: int = 1_000_000
    size: int = 50 * 10**9
    ratio: float = 100.0


Member = tuple[str, IO[bytes]]


def extract(archive: Path, target: Path, limits: Limits = Limits()) -> None:
    """Unpack a zip or tar archive into a folder that appears only when it is whole.

    Args:
        target: must not exist.

    Raises:
        SmearflowError: no zip or tar, damaged or encrypted; a member has a path outside the
            target, is a link or a device, or comes twice; or the whole is beyond the limits.
    """
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        with _opened(archive) as members:
            _write_all(members, partial, archive, limits)
        partial.rename(target)
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        zlib.error,
        LZMAError,
        EOFError,
        NotImplementedError,
    ) as error:
        raise _refusal(archive, f"is damaged: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_all(members: Iterator[Member], folder: Path, archive: Path, limits: Limits) -> None:
    # counted while writing, because what an archive says of its sizes may be wrong
    allowed = min(limits.size, int(limits.ratio * archive.stat().st_size))
    written = 0
    for number, (name, content) in enumerate(members, start=1):
        if number > limits.members:
            raise _refusal(archive, f"holds more than {limits.members} files")
        file = folder / _safe(name, archive)
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            stream = file.open("xb")
        except FileExistsError as error:
            raise _refusal(archive, f"holds {name} twice") from error
        with stream:
            while block := content.read(BLOCK):
                written += len(block)
                if written > allowed:
                    raise _refusal(archive, f"unpacks to more than {allowed} bytes")
                stream.write(block)


def _safe(name: str, archive: Path) -> PurePosixPath:
    # some programs on Windows write its own separator, which a zip should not have
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or PureWindowsPath(name).drive:
        raise _refusal(archive, f"holds a path outside the target: {name}")
    return path


@contextmanager
def _opened(archive: Path) -> Iterator[Iterator[Member]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            yield _zip_members(packed, archive)
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as packed_tar:
            yield _tar_members(packed_tar, archive)
    else:
        raise _refusal(archive, "is neither a zip nor a tar archive")


def _zip_members(packed: zipfile.ZipFile, archive: Path) -> Iterator[Member]:
    for member in packed.infolist():
        kind = stat.S_IFMT(member.external_attr >> 16)  # 0 when the archiver left it out
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refusal(archive, f"holds a link or device: {member.filename}")
        if member.flag_bits & 1:
            raise _refusal(archive, f"holds an encrypted file: {member.filename}")
        if not member.filename.endswith(("/", "\\")):
            with packed.open(member) as content:
                yield member.filename, content


def _tar_members(packed: tarfile.TarFile, archive: Path) -> Iterator[Member]:
    for member in packed:
        content = packed.extractfile(member) if member.isreg() else None
        if content:
            with content:
                yield member.name, content
        elif not member.isdir():
            raise _refusal(archive, f"holds a link or device: {member.name}")


def _refusal(archive: Path, reason: str) -> SmearflowError:
    told = reason if reason.isprintable() else ascii(reason)[1:-1]  # a name may steer a terminal
    return SmearflowError(f"{archive} {told}", "nothing was unpacked; use a sound archive")
