"""The original image files of a source, kept in one uncompressed zip.

Thousands of small files are slow to track and to move; pixels are compressed already.
"""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from smearflow.ground.errors import SmearflowError

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: the same bytes on every run


def write_raw(archive: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Store files under their names, in the order given.

    Args:
        archive: written anew.
        members: paths, `/` between folders, and contents.
    """
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for path, content in members:
            member = zipfile.ZipInfo(path, EPOCH)
            member.external_attr = 0o644 << 16
            target.writestr(member, content)


def member_names(archive: Path) -> list[str]:
    """The names of the files in an archive."""
    with zipfile.ZipFile(archive) as source:
        return source.namelist()


class RawCells:
    """The original bytes of images by their path in the manifest; a context manager.

    Args:
        folder: holds `<source>.zip`, as `write_raw` wrote it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._archives: dict[str, zipfile.ZipFile] = {}

    def read(self, path: str) -> bytes:
        """The bytes of one image.

        Args:
            path: `<source>/<its place there>`.

        Raises:
            SmearflowError: there is no such image.
        """
        source, _, member = path.partition("/")
        try:
            if source not in self._archives:
                self._archives[source] = zipfile.ZipFile(self._folder / f"{source}.zip")
            return self._archives[source].read(member)
        except (FileNotFoundError, KeyError, zipfile.BadZipFile) as error:
            raise SmearflowError(
                f"{self._folder / source}.zip holds no sound {member}",
                "run the ingest stage again, in the folder of that run: dvc repro --force ingest",
            ) from error

    def __enter__(self) -> Self:
        """Open for reading; archives are opened when first read."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the archives."""
        for archive in self._archives.values():
            archive.close()
