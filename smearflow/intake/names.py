"""The names of the images in a folder or archive, without reading them."""

import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from smearflow.cells.files import is_junk, survey
from smearflow.images.formats import is_image


def image_names(place: Path) -> list[str]:
    """Paths of the images, sorted, in the innermost folder that holds them all.

    Of an archive they are what its list says, by their suffixes.

    Raises:
        SmearflowError: a name can be written neither in a table nor in a message.
        OSError: the place can't be read, or is no archive.
    """
    if place.is_dir():
        return _inside(survey(place).images)
    paths = [PurePosixPath(name) for name in _members(place)]
    return _inside(
        [path for path in paths if is_image(path.name) and not any(map(is_junk, path.parts))]
    )


def _members(archive: Path) -> list[str]:
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as packed:
                return packed.namelist()
        with tarfile.open(archive) as packed_tar:
            return [member.name for member in packed_tar if member.isfile()]
    except (zipfile.BadZipFile, tarfile.TarError) as error:
        raise OSError(f"{archive} is no sound archive") from error


def _inside(paths: Sequence[PurePosixPath]) -> list[str]:
    """Without the folders that all share."""
    parents = [path.parts[:-1] for path in paths]
    shared = 0
    while parents and all(
        len(parts) > shared and parts[shared] == parents[0][shared] for parts in parents
    ):
        shared += 1
    return sorted("/".join(path.parts[shared:]) for path in paths)
