"""Which file is meant by a name that a table or an annotation has for it."""

from collections import defaultdict
from collections.abc import Iterable
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
            self._by_name[file.name.casefold()].append(file)
            self._by_stem[file.stem.casefold()].append(file)

    def find(self, text: str) -> PurePosixPath | None:
        """The file whose path ends as the text does; None if there is none.

        A name without a suffix, or with another one, means the file of that stem.

        Raises:
            SmearflowError: two files fit as well.
        """
        wanted = PurePosixPath(text.strip().replace("\\", "/"))
        if not wanted.name:
            return None
        fitting = self._by_name.get(wanted.name.casefold()) or self._by_stem.get(
            wanted.stem.casefold() if wanted.suffix else wanted.name.casefold()
        )
        if not fitting:
            return None
        scores = [(_common(file.parts[:-1], wanted.parts[:-1]), file) for file in fitting]
        best = max(score for score, _ in scores)
        found = [file for score, file in scores if score == best]
        if len(found) > 1:
            raise SmearflowError(
                f"{text} may be {found[0]} or {found[1]}", "give its folder before the name there"
            )
        return found[0]


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many of the last parts are the same."""
    count = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left.casefold() != right.casefold():
            break
        count += 1
    return count
