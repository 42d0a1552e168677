"""The names of the numbered classes of YOLO, in any of the files that programs keep them in."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from pydantic import TypeAdapter, ValidationError

from smearflow.cells.files import Files
from smearflow.ground.errors import SmearflowError
from smearflow.ground.settings import Label, load_yaml
from smearflow.intake.boxes.marks import broken, read_text

MOST = 1 << 20  # bytes of a file
_KEY = re.compile(rb"^names\s*:", re.MULTILINE)
_EITHER: TypeAdapter[list[Label] | dict[int, Label]] = TypeAdapter(list[Label] | dict[int, Label])


def is_names_file(file: PurePosixPath) -> bool:
    """Whether a file holds a name a line, by its own name."""
    name = file.name.lower()
    return name in ("classes.txt", "_darknet.labels") or name.endswith(".names")


class Names:
    """The names of classes below a folder.

    Raises:
        SmearflowError: a file that can't be read, or two in one folder that contradict each other.
    """

    def __init__(self, folder: Path, files: Files) -> None:
        self._by_folder: dict[PurePosixPath, tuple[PurePosixPath, Mapping[int, str]]] = {}
        for file in files.others:
            names = _names_of(folder / file)
            if names:
                other = self._by_folder.setdefault(file.parent, (file, names))
                _require_same((file, names), other)

    def of(self, source: PurePosixPath) -> Mapping[int, str] | None:
        """Those for an annotation file: the nearest above it, else any; None where there are none.

        Raises:
            SmearflowError: none is above it, and others contradict each other.
        """
        for above in source.parents:
            if above in self._by_folder:
                return self._by_folder[above][1]
        found = list(self._by_folder.values())
        for other in found[1:]:
            _require_same(found[0], other)
        return found[0][1] if found else None


def _names_of(file: Path) -> Mapping[int, str]:
    if is_names_file(PurePosixPath(file.name)):
        lines = read_text(file, MOST).rstrip().splitlines()
        return {number: line.strip() for number, line in enumerate(lines)}
    if file.suffix.lower() not in (".yaml", ".yml") or file.stat().st_size > MOST:
        return {}
    if not _KEY.search(file.read_bytes()):
        return {}
    try:
        found = _EITHER.validate_python(load_yaml(file)["names"])
    except ValidationError as error:
        raise broken(file, "names is neither a list of names nor one name per number") from error
    return found if isinstance(found, dict) else dict(enumerate(found))


def _require_same(
    first: tuple[PurePosixPath, Mapping[int, str]], second: tuple[PurePosixPath, Mapping[int, str]]
) -> None:
    if first[1] != second[1]:
        raise SmearflowError(
            f"{first[0]} and {second[0]} give the classes other names",
            "keep the one that is right, beside or above the annotations that it is of",
        )
