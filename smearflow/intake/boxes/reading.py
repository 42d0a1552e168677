"""The cells that boxes mark in whole fields of view."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from smearflow.cells.files import Files
from smearflow.cells.labels import Labels
from smearflow.cells.naming import Name
from smearflow.ground.errors import SmearflowError
from smearflow.intake.boxes.formats import READERS, WORDS, format_of
from smearflow.intake.boxes.frames import Frame, frame_of
from smearflow.intake.boxes.marks import Marked, Marks
from smearflow.intake.listing import Aside, Box, Listed
from smearflow.intake.meanings import classes_of
from smearflow.params.ingest import Boxes, Source


class Boxed(NamedTuple):
    """The cells of a source whose annotations are boxes.

    Attributes:
        cells: sorted by path; of their names the field alone is known.
        labels: as the annotations spell those that are used, and the class of each.
        layout: as in `records.sources.SourceFacts`.
    """

    cells: list[Listed]
    labels: dict[str, str]
    layout: str


class _Candidate(NamedTuple):
    """A box with its place in its image, by which its cell is called."""

    place: str
    marked: Marked

    @property
    def in_words(self) -> str:
        return f"{self.place} ({self.marked.source})"


def read_boxes(
    folder: Path,
    files: Files,
    source: Source,
    labels: Labels,
    aside: Aside,
    key: str | None = "ingest.sources.0",
) -> Boxed:
    """All cells that boxes mark.

    A cell is called `<image without its suffix>/<number>.png`, by its place among all boxes of its
    image, so that a setting that leaves out some changes no other's name.

    Args:
        files: of the folder.
        aside: gets what is left out.
        key: of the source in params.yaml, for messages; None: it is not there.

    Raises:
        SmearflowError: no boxes, annotations that can't be read or contradict their images, or
            labels that mean neither class; the message lists them all.
    """
    form = source.boxes.format or format_of(folder, files, key)
    if form is None:
        raise SmearflowError(
            f"{folder} has no annotations of boxes that are known",
            f"export them as {', '.join(WORDS.values())}",
        )
    marks: Marks = READERS[form].read(folder, files)
    if not marks.marked:
        raise SmearflowError(
            f"{folder} holds no boxes of {WORDS[form]} in an image that is there",
            "bring images and annotations together"
            + (f", or correct {key}.boxes.format" if key else ""),
        )
    _note(marks, files, aside)
    chosen = list(_sure(_candidates(marks.marked), source.boxes, aside))
    spelled = ((each.marked.label, each.in_words) for each in chosen)
    classes = classes_of(spelled, labels, folder, key)
    used = (each for each in chosen if _is_used(each, classes, aside))
    cells = [
        Listed(each.place, folder / each.marked.image, str(classes[each.marked.label]), name, box)
        for each, name, box in _boxed(folder, used, source.boxes, aside)
    ]
    found = {label: name for label, name in classes.items() if name}
    return Boxed(sorted(cells, key=lambda cell: cell.path), found, f"boxes of {WORDS[form]}")


def _note(marks: Marks, files: Files, aside: Aside) -> None:
    for each in marks.unused:
        aside.add(each.reason, each.first, each.what)
    marked = {each.image for each in marks.marked}
    aside.extend("no label", (image for image in files.images if image not in marked))


def _candidates(marked: Sequence[Marked]) -> Iterator[_Candidate]:
    """Boxes by image, numbered in the order of the annotations."""
    by_image = defaultdict(list)
    for each in marked:
        by_image[each.image].append(each)
    # `1.jpg` and `1.png` keep their suffixes
    names = Counter(name for image in by_image for name in {image, image.with_suffix("")})
    for image in sorted(by_image):
        short = image.with_suffix("")
        name = short if names[short] == 1 else image
        for number, each in enumerate(by_image[image], start=1):
            yield _Candidate(f"{name}/{number:04d}.png", each)


def _sure(candidates: Iterable[_Candidate], settings: Boxes, aside: Aside) -> Iterator[_Candidate]:
    """Those that are drawn for the first time, and not as difficult."""
    seen = set[tuple[PurePosixPath, str, Box]]()
    for each in candidates:
        marked = each.marked
        if (marked.image, marked.label, marked.box) in seen:
            aside.add("drawn twice", each.in_words)
        elif _is_difficult(marked) and not settings.difficult:
            aside.add("difficult", each.in_words)
        else:
            seen.add((marked.image, marked.label, marked.box))
            yield each


def _is_difficult(marked: Marked) -> bool:
    return marked.difficult or marked.label.strip().casefold() == "difficult"


def _is_used(each: _Candidate, classes: dict[str, str | None], aside: Aside) -> bool:
    label = each.marked.label
    if classes[label] is None:
        aside.add("label left out", each.in_words, label)
    return classes[label] is not None


def _boxed(
    folder: Path, candidates: Iterable[_Candidate], settings: Boxes, aside: Aside
) -> Iterator[tuple[_Candidate, Name, Box]]:
    """Those that are large enough, with their final boxes; images are opened one by one."""
    frames = dict[PurePosixPath, Frame]()
    for each in candidates:
        image = each.marked.image
        if image not in frames:
            frames = {image: frame_of(folder / image)}
        frame = frames[image]
        box = clipped(frame.box(each.marked), frame.stored)
        if min(box.right - box.left, box.bottom - box.top) < settings.least:
            aside.add("too small", each.in_words)
        else:
            name = Name(field=each.place.rpartition("/")[0])
            yield each, name, clipped(widened(box, settings.margin), frame.stored)


def clipped(box: Box, size: tuple[int, int]) -> Box:
    """The part of a box that is in an image of this width and height; it may be empty."""
    return Box(max(box.left, 0), max(box.top, 0), min(box.right, size[0]), min(box.bottom, size[1]))


def widened(box: Box, margin: float) -> Box:
    """A box with a share of its longer side added on each side."""
    added = margin * max(box.right - box.left, box.bottom - box.top)
    return Box(box.left - added, box.top - added, box.right + added, box.bottom + added)
