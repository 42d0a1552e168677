"""Class folders that are there twice, as downloads and backups leave them."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256

Images = Mapping[str, PurePosixPath]
"""Places in the data set, by class and what lies below it: the same for an image and its copy."""


def find_copies(folder: Path, homes: Mapping[str, Images], option: str) -> dict[str, str]:
    """Which sets of class folders hold nothing that another one does not hold as well.

    Args:
        folder: of the data set.
        homes: the images by the folder that holds their class folders, relative to the data set;
            empty for the data set's own.
        option: by which a user names another folder, for the message.

    Returns:
        By the folder of a copy the folder that it is a copy of.

    Raises:
        SmearflowError: a folder and one inside it have images of one name that differ.
    """
    copies: dict[str, str] = {}
    # the innermost first, so that of two equal ones the outer stays
    for inner in sorted(homes, key=lambda home: (home.count("/"), home), reverse=True):
        for outer in sorted(set(homes) - {inner} - copies.keys()):
            if _is_copy(folder, homes[inner], homes[outer]):
                copies[inner] = outer
                break
    kept = [home for home in homes if home not in copies]
    for inner in kept:
        for outer in kept:
            if _inside(inner, outer) and homes[inner].keys() & homes[outer].keys():
                raise _twice(folder, inner, outer, option)
    return copies


def _inside(inner: str, outer: str) -> bool:
    return inner != outer and (not outer or inner.startswith(f"{outer}/"))


def _is_copy(folder: Path, few: Images, many: Images) -> bool:
    """Whether each image of the first is the same in the second; sizes tell most of it."""
    if len(few) > len(many) or not few.keys() <= many.keys():
        return False
    pairs = [(folder / few[name], folder / many[name]) for name in few]
    if any(one.stat().st_size != other.stat().st_size for one, other in pairs):
        return False
    return all(file_sha256(one) == file_sha256(other) for one, other in pairs)


def _twice(folder: Path, inner: str, outer: str, option: str) -> SmearflowError:
    place = folder / outer
    return SmearflowError(
        f"{place} holds the class folders twice, other images again in "
        f"{(folder / inner).relative_to(place)}",
        f"find out which are meant: {option}={folder / inner}, or move "
        f"{(folder / inner).relative_to(place).parts[0]} out of {place} to use the outer ones",
    )
