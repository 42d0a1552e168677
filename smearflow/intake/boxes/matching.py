"""Which image an annotation means: paths in annotations are those of another machine."""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from smearflow.ground.errors import SmearflowError
from smearflow.intake.matching import common_end, folded

Score = tuple[int, bool, int]
Match = tuple[Score, PurePosixPath]


class Wanted(NamedTuple):
    """An image as an annotation names it.

    Attributes:
        path: where it should be; only its end counts, and its suffix only where that decides.
        stem: of its name.
        source: the annotation file.
        alone: whether this file is the only one that may mark the image.
        otherwise: another name, for which only those images come into question that no other
            annotation means.
    """

    path: PurePosixPath
    stem: str
    source: PurePosixPath
    alone: bool = False
    otherwise: "Wanted | None" = None


def by_name(source: PurePosixPath, name: str, alone: bool = False) -> Wanted:
    """The image that a file names, in any spelling: from there, absolute, of Windows, a URL."""
    name = name.replace("\\", "/")
    absolute = name.startswith("/") or ":/" in name
    text = posixpath.normpath(name if absolute else str(source.parent / name))
    path = PurePosixPath(text.lstrip("/"))
    return Wanted(path, path.stem, source, alone)


def match(
    images: Sequence[PurePosixPath], wanted: Iterable[Wanted]
) -> dict[Wanted, PurePosixPath | None]:
    """For each named image the one that is meant; None where it isn't there.

    A name of the same stem is needed. An image where the annotation says is the one. Of others the
    one wins whose folders agree, from the last one on; then the one whose suffix does; then the
    nearest to the annotation. None is given to a second name that fits it less well, so that no
    image gets the boxes of another.

    Raises:
        SmearflowError: there is no telling.
    """
    found = dict[Wanted, PurePosixPath | None].fromkeys(wanted)
    by_stem = defaultdict(list)
    for image in images:
        by_stem[folded(image.stem)].append(image)
    candidates = {each: by_stem.get(folded(each.stem), []) for each in found}
    exact = {each: [at for at in some if _fits(at, each)] for each, some in candidates.items()}
    found |= _assigned(exact)
    taken = {image for image in found.values() if image}
    rest = {
        each: [image for image in some if image not in taken]
        for each, some in candidates.items()
        if not exact[each]
    }
    found |= _assigned(rest)
    second = {each: each.otherwise for each, image in found.items() if not image and each.otherwise}
    if second:
        taken = {image for image in found.values() if image}
        again = match([image for image in images if image not in taken], second.values())
        found |= {each: again[other] for each, other in second.items()}
    return found


def _assigned(
    candidates: Mapping[Wanted, Sequence[PurePosixPath]],
) -> dict[Wanted, PurePosixPath]:
    """For each name the best of its candidates, unless that fits another name better."""
    claims: dict[PurePosixPath, list[tuple[Score, Wanted]]] = defaultdict(list)
    for each, some in candidates.items():
        if some:
            score, image = _best(some, each)
            claims[image].append((score, each))
    return {each: image for image, all_ in claims.items() for each in _rightful(image, all_)}


def _best(candidates: Sequence[PurePosixPath], wanted: Wanted) -> Match:
    scored = sorted(((_score(each, wanted), each) for each in candidates), reverse=True)
    if len(scored) > 1 and scored[0][0] == scored[1][0]:
        raise SmearflowError(
            f"{wanted.source} marks {wanted.path.name}, which may be {scored[1][1]} or "
            f"{scored[0][1]}",
            "move the other one away, or, where names stand in the annotation, write the folder "
            "before this one",
        )
    return scored[0]


def _rightful(image: PurePosixPath, rivals: list[tuple[Score, Wanted]]) -> list[Wanted]:
    """Those whose claim is the best: one, or several that name the image in the same way."""
    best = max(score for score, _ in rivals)
    winners = [each for score, each in rivals if score == best]
    first, *others = {each.source if each.alone else each.path: each for each in winners}.values()
    for other in others:
        raise SmearflowError(
            f"{first.source} ({first.path}) and {other.source} ({other.path}) both seem to mark "
            f"{image}",
            "keep one of the two, or put each image into the folder that its annotation names",
        )
    return winners


def _score(image: PurePosixPath, wanted: Wanted) -> Score:
    tail = common_end(image.parent.parts, wanted.path.parent.parts)
    near = common_end(image.parent.parts[::-1], wanted.source.parent.parts[::-1])
    return tail, image.name == wanted.path.name, near


def _fits(image: PurePosixPath, wanted: Wanted) -> bool:
    return _folders(image) == _folders(wanted.path)


def _folders(path: PurePosixPath) -> list[str]:
    return [folded(part) for part in path.parent.parts]
