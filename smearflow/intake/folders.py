"""The layout of a folder: which of its folders are classes, patients, sides or copies.

What is advised here must do no harm when it is taken by the letter: images of one class never end
up among those of another, and none takes another's place.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from smearflow.cells.labels import Labels
from smearflow.ground.errors import SmearflowError
from smearflow.intake.copies import find_copies
from smearflow.intake.listing import Aside

# Sides of somebody's split, which is by cell as a rule: not followed, and nobody's patient.
_SIDE = re.compile(
    r"(?:train(?:ing)?|val(?:id(?:ation)?)?|test(?:ing)?|eval(?:uation)?|dev|hold-?out)"
    r"(?:[ _-]?(?:set|data|images|cells|split))?",
    re.IGNORECASE,
)


class Placed(NamedTuple):
    """An image whose folders tell its class.

    Attributes:
        path: relative to the folder of the data set.
        spelled: the name of its class folder.
        label: the class.
        above: names of the folders that hold the class folder, outermost first, but for sides.
        below: likewise of those between the class folder and the image.
        side: name of the folder that is a side of somebody's split, if one is.
    """

    path: PurePosixPath
    spelled: str
    label: str
    above: tuple[str, ...]
    below: tuple[str, ...]
    side: str | None

    @property
    def home(self) -> str:
        """The folder that holds the class folder, relative to that of the data set."""
        parts = self.path.parts
        return "/".join(parts[: parts.index(self.spelled)])

    @property
    def tail(self) -> str:
        """Class and what lies below it: the same for an image and its copy."""
        within = self.path.parts[self.path.parts.index(self.spelled) + 1 :]
        return "/".join((self.label, *within))


class Folders(NamedTuple):
    """A folder that was read.

    Attributes:
        root: the data set: the only folder in the only folder, and so on.
        placed: its images.
    """

    root: PurePosixPath
    placed: tuple[Placed, ...]


def place_beside(path: PurePosixPath, label: str) -> Placed:
    """An image whose class is told by something else than its folders."""
    parents = path.parts[:-1]
    side = next((part for part in parents if _SIDE.fullmatch(part)), None)
    return Placed(path, "", label, (), tuple(part for part in parents if part != side), side)


def read_folders(
    folder: Path, images: Sequence[PurePosixPath], labels: Labels, aside: Aside, option: str
) -> Folders | None:
    """Find the classes of images in the names of the folders that hold them.

    Args:
        images: relative to the folder.
        aside: gets what is left out.
        option: by which a user names another folder, for the messages.

    Returns:
        None if no folder has the name of a class.

    Raises:
        SmearflowError: an image lies in folders of two classes; a folder beside those of the
            classes holds images and is none; or there are two sets of class folders that differ.
    """
    root = _root(images, labels)
    inside = [path.relative_to(root) for path in images if path.is_relative_to(root)]
    placed, without = [], []
    for path in inside:
        found = _place(folder / root, path, labels, aside)
        if found is None:
            without.append(path)
        elif found.label:
            placed.append(found)
    if not placed:
        return None
    _leave_unlabelled(folder / root, without, labels, aside, option)
    homes: dict[str, dict[str, PurePosixPath]] = defaultdict(dict)
    for each in placed:
        homes[each.home][each.tail] = each.path
    copies = find_copies(folder / root, homes, option)
    for copy, original in copies.items():
        aside.add(
            "copy", folder / root / copy, f"of {original or (folder / root).name}", len(homes[copy])
        )
    return Folders(root, tuple(each for each in placed if each.home not in copies))


def _root(images: Sequence[PurePosixPath], labels: Labels) -> PurePosixPath:
    """The innermost folder that holds all images, but for one whose name is that of a class."""
    root = PurePosixPath()
    while True:
        depth = len(root.parts)
        first = {path.parts[depth] for path in images if len(path.parts) > depth + 1}
        alone = len(first) == 1 and not any(len(path.parts) == depth + 1 for path in images)
        if not alone or (labels.knows(min(first)) and not _all_below(images, depth + 1, labels)):
            return root
        root /= min(first)


def _all_below(images: Sequence[PurePosixPath], depth: int, labels: Labels) -> bool:
    """Whether each image lies in a class folder that is at least so deep."""
    return all(any(labels.knows(part) for part in path.parts[depth:-1]) for path in images)


def _place(folder: Path, path: PurePosixPath, labels: Labels, aside: Aside) -> Placed | None:
    """An image's place; None if no folder tells its class; no label: it is to be left out."""
    parents = path.parts[:-1]
    hits = [at for at, part in enumerate(parents) if labels.knows(part)]
    if not hits:
        return None
    meanings = {parents[at]: labels.class_of(parents[at]) for at in hits}
    if len(set(meanings.values())) > 1:
        outer, inner = (
            parents[hits[0]],
            next(parents[at] for at in hits if meanings[parents[at]] != meanings[parents[hits[0]]]),
        )
        raise SmearflowError(
            f"{folder / path} lies in folders of two classes, {outer} and {inner}",
            f"move {inner} out of {outer}/, to where its images belong",
        )
    spelled = parents[hits[-1]]
    label = meanings[spelled]
    if label is None:
        aside.add("label left out", folder / path, spelled)
    side = next((part for part in parents if _SIDE.fullmatch(part) and part not in meanings), None)
    above = tuple(part for part in parents[: hits[0]] if part != side)
    below = tuple(part for part in parents[hits[-1] + 1 :] if part != side)
    return Placed(path, parents[hits[0]], label or "", above, below, side)


def _leave_unlabelled(
    folder: Path,
    without: Sequence[PurePosixPath],
    labels: Labels,
    aside: Aside,
    option: str,
) -> None:
    """Note images in no class folder; those in a folder that may be a class stop the run."""
    tops = Counter(path.parts[0] for path in without if len(path.parts) > 1)
    negative, positive = labels.classes
    for top, count in sorted(tops.items()):
        if not _SIDE.fullmatch(top):
            ways = f"move {top} out of {folder}"
            if option != "CELLS":  # whom a model is retrained for has no settings to change
                ways += (
                    f", or say what it is in labels of the source in params.yaml: "
                    f"{{{top}: {positive}}}, or {{{top}: null}} to leave it out"
                )
            raise SmearflowError(
                f"{folder} holds {top} with {count} images beside the class folders: "
                f"neither {positive} nor {negative}",
                ways,
            )
    aside.extend("no label", (folder / path for path in without))


def without_classes(
    folder: Path, images: Sequence[PurePosixPath], labels: Labels, option: str
) -> SmearflowError:
    """Why a folder without class folders is no data set, and what to do."""
    root = _root(images, labels) if images else PurePosixPath()
    place, depth = folder / root, len(root.parts)
    names = sorted({path.parts[depth] for path in images if len(path.parts) > depth + 1})
    negative, positive = labels.classes
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "") if names else "no folders"
    problem = f"{place} holds {shown}, expected {negative} and {positive}"
    if not names:
        return SmearflowError(
            problem,
            f"sort the images into folders of these names, or name others: {option}=<folder>",
        )
    setting = (
        "" if option == "CELLS" else " or set problem.positive and problem.negative to theirs,"
    )
    return SmearflowError(
        problem,
        f"give the folder of each class its name,{setting} or name another folder: "
        f"{option}=<folder of class folders>",
    )
