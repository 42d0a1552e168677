"""Masks and drawings that lie beside the images they were made of: no cells of their own."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from smearflow.intake.matching import folded

_KINDS = (
    r"(?:binary[ _-]?)?masks?|segmentations?|ground[ _-]?truths?|gt|overlays?|contours?|annotated"
    r"|heat[ _-]?maps?|thumbnails?|thumbs|previews?"
)
_FOLDER = re.compile(rf"(?:(?:image|cell)s?[ _-]?)?(?:{_KINDS})", re.IGNORECASE)
_STEM = re.compile(rf"(?P<of>.+)[ _.-](?:{_KINDS}|seg)", re.IGNORECASE)


def masks_of(images: Sequence[PurePosixPath]) -> set[PurePosixPath]:
    """Images that are masks or drawings of others by name, where these others are there.

    By a folder of masks, wherever the others lie; by the end of the name alone, beside them.
    """
    named = {image for image in images if _is_named_so(image)}
    places = {_place(image) for image in images if image not in named}
    stems = {stem for _, stem in places}
    return {
        image
        for image in named
        if (_stem(image) in stems if _is_in_folder(image) else _place(image) in places)
    }


def _is_in_folder(image: PurePosixPath) -> bool:
    return any(map(_FOLDER.fullmatch, image.parts[:-1]))


def _is_named_so(image: PurePosixPath) -> bool:
    return _is_in_folder(image) or _STEM.fullmatch(image.stem) is not None


def _place(image: PurePosixPath) -> tuple[PurePosixPath, str]:
    return image.parent, _stem(image)


def _stem(image: PurePosixPath) -> str:
    """That of the image that one was made of, or its own."""
    found = _STEM.fullmatch(image.stem)
    return folded(found["of"] if found else image.stem)
