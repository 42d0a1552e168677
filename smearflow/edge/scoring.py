"""A folder of images, scored patient by patient.

The images of a patient are read before any of them is scored: what is usual for a slide can be told
by all of them alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smearflow.cells.files import survey
from smearflow.cells.naming import parse_name
from smearflow.edge.plausible import why_no_cell
from smearflow.edge.repeats import Repeats
from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError
from smearflow.images.decode import UndecodableError, decode, peaks_of, resize
from smearflow.images.formats import count_foreign, is_foreign
from smearflow.images.ranges import FolderScales

Patterns = Sequence[str | None]
"""Of file names, as in `naming.parse_name`; of each name the first that finds a patient counts."""

NO_CELL = "not a cell"
NO_IMAGES = "name a folder of cell images, or an image"


@dataclass(frozen=True)
class Scored:
    """What became of an image file.

    Attributes:
        file: below the folder.
        patient: whose cell it is.
        probability: of the positive class; None of a file that can't be decoded, and so are
            `label` and `answer`.
        label: name of the class, by the threshold.
        answer: of the model's answers that one which stands (`EdgeModel.answer`), or NO_CELL.
        error: why it can't be decoded.
        no_cell: why it can't be of one cell: then probability and label mean nothing.
        repeat_of: the first file that shows the same.
    """

    file: str
    patient: str
    probability: float | None = None
    label: str | None = None
    answer: str | None = None
    error: str | None = None
    no_cell: str | None = None
    repeat_of: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it is a cell of its patient, seen for the first time."""
        return self.error is None and self.no_cell is None and self.repeat_of is None


@dataclass(frozen=True)
class Images:
    """What is to be scored.

    Attributes:
        by_patient: files of each patient, sorted by path; the patient whose file comes first is the
            first one.
        folder: what the names of files start from.
        foreign: images of formats that are not read.
    """

    by_patient: Mapping[str, Sequence[Path]]
    folder: Path
    foreign: Sequence[str]

    @property
    def files(self) -> list[Path]:
        """Those of all patients."""
        return [file for files in self.by_patient.values() for file in files]


def find_images(place: Path, patterns: Patterns) -> Images:
    """The images at a place, by patient: as a file's name tells, else by the top folder it is in.

    Args:
        place: an image, or a folder of images at any depth.

    Raises:
        SmearflowError: it is missing or holds no image, or a pattern is none.
    """
    _check(patterns)
    found = place.expanduser()
    if found.is_file():
        folder, names, foreign = found.parent, [found.name], list[str]()
        if is_foreign(found.name):
            names, foreign = foreign, names
    elif found.is_dir():
        folder, inside = found, survey(found)
        names, foreign = (
            [str(path) for path in paths] for paths in (inside.images, inside.foreign)
        )
    else:
        raise SmearflowError(f"{place} does not exist", NO_IMAGES)
    if not names:
        other = f" but {count_foreign(foreign)}" if foreign else ""
        raise SmearflowError(f"{place} holds no files{other}", NO_IMAGES)
    by_patient: dict[str, list[Path]] = {}
    for name in names:
        by_patient.setdefault(_patient(name, folder, patterns), []).append(folder / name)
    return Images(by_patient, folder, foreign)


def _check(patterns: Patterns) -> None:
    for pattern in filter(None, patterns):
        try:
            named = re.compile(pattern).groupindex
        except re.error as error:
            raise SmearflowError(
                f"the pattern {pattern} is no regular expression: {error}", "correct it"
            ) from error
        if "patient" not in named:
            raise SmearflowError(
                f"the pattern {pattern} finds no patient", "give it a group (?P<patient>...)"
            )


def _patient(name: str, folder: Path, patterns: Patterns) -> str:
    told = (parse_name(name, pattern).patient for pattern in patterns)
    top, below, _ = name.partition("/")
    return next(filter(None, told), top if below else folder.resolve().name)


class Scorer:
    """Scores the images of patients, one patient at a time, and knows what came before.

    Args:
        bits: of samples of more than 8 bits; else by their tags, or measured over all images.

    Attributes:
        scales: what was decided on samples of more than 8 bits.
    """

    def __init__(self, model: EdgeModel, images: Images, bits: int | None = None) -> None:
        self._model, self._images, self._repeats = model, images, Repeats()
        self.scales = FolderScales(bits, lambda: peaks_of(images.files))

    def patients(self) -> Iterator[list[Scored]]:
        """The images of each patient, in the order of `Images.by_patient`."""
        for patient, files in self._images.by_patient.items():
            yield self._score(patient, files)

    def _score(self, patient: str, files: Sequence[Path]) -> list[Scored]:
        read = [self._read(file, patient) for file in files]
        cells = [pixels for _, pixels in read if pixels is not None]
        size = self._model.image_size
        pixels = np.stack(cells) if cells else np.empty((0, size, size, 3), np.uint8)
        prepared = self._model.prepared(pixels, [patient] * len(pixels))
        probabilities, embeddings = self._model.predict(prepared)
        novelty = self._model.novelty
        unlike = novelty.why_unlike(prepared, embeddings) if novelty else [None] * len(cells)
        answers = iter(zip(probabilities.tolist(), unlike, strict=True))
        return [
            self._answered(row, *next(answers)) if row.error is None else row for row, _ in read
        ]

    def _answered(self, row: Scored, probability: float, unlike: str | None) -> Scored:
        label = self._model.classes[probability >= self._model.threshold]
        no_cell = row.no_cell or unlike
        answer = NO_CELL if no_cell else self._model.answer(probability)
        return replace(row, probability=probability, label=label, answer=answer, no_cell=no_cell)

    def _read(self, file: Path, patient: str) -> tuple[Scored, npt.NDArray[np.uint8] | None]:
        """What an image tells without the model, and its pixels [S, S, 3]."""
        name = file.relative_to(self._images.folder).as_posix()
        try:
            image = decode(file.read_bytes(), self.scales).image
        except UndecodableError as error:
            return Scored(name, patient, error=str(error)), None
        no_cell = why_no_cell(image, self._model.cell)
        repeat_of = None if no_cell else self._repeats.first(image, name)
        row = Scored(name, patient, no_cell=no_cell, repeat_of=repeat_of)
        return row, resize(image, self._model.image_size)
