"""Which file is meant by a name that a table or an annotation has for it."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from smearflow.ground.errors import SmearflowError


class Finder:
    """Finds files by what others call them: whole paths of other machines, names, bare stems.

    Args:
        files: relative to the source.
    """

    def __init__(self, files: Iterable[PurePosixPath]) -> None:
        self._by_name: dict[str, list[PurePosixPath]] = defaultdict(list)
        self._by_stem: dict[str, list[PurePosixPath]] = defaultdict(list)
        for file in files:
            self._by_name[folded(file.name)].append(file)
            self._by_stem[folded(file.stem)].append(file)

    def find(self, text: str) -> PurePosixPath | None:
        """The file whose path ends as the text does; None if there is none.

        A name without a suffix, or with another one, means the file of that stem.

        Raises:
            SmearflowError: two files fit as well.
        """
        wanted = PurePosixPath(text.strip().replace("\\", "/"))
        if not wanted.name:
            return None
        fitting = self._by_name.get(folded(wanted.name)) or self._by_stem.get(
            folded(wanted.stem if wanted.suffix else wanted.name)
        )
        if not fitting:
            return None
        scores = [(common_end(file.parts[:-1], wanted.parts[:-1]), file) for file in fitting]
        best = max(score for score, _ in scores)
        found = [file for score, file in scores if score == best]
        if len(found) > 1:
            raise SmearflowError(
                f"{text} may be {found[0]} or {found[1]}", "give its folder before the name there"
            )
        return found[0]


def common_end(one: Sequence[str], other: Sequence[str]) -> int:
    """How many of the last parts of two paths are the same."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    same = (folded(left) == folded(right) for left, right in pairs)
    return next((at for at, each in enumerate(same) if not each), min(len(one), len(other)))


def folded(text: str) -> str:
    """The same for names that differ in case, or in how they store accents, as macOS does."""
    return unicodedata.normalize("NFC", text).casefold()
