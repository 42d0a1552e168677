"""The one exception a user is meant to read, and the system's errors told in its manner."""

import errno
import os
from pathlib import Path
from typing import Any

_NO_ROOM = "make room there (space, quota or limit on file sizes) and run again"
_NO_ACCESS = "let this user read and write there, and run again"
_ACTIONS = {
    errno.ENOSPC: _NO_ROOM,
    errno.EDQUOT: _NO_ROOM,
    errno.EFBIG: _NO_ROOM,
    errno.EACCES: _NO_ACCESS,
    errno.EPERM: _NO_ACCESS,
    errno.EROFS: _NO_ACCESS,
    errno.ENAMETOOLONG: "shorten that name",
}


class SmearflowError(Exception):
    """Something a person can put right.

    Args:
        problem: what is wrong, naming the file, key or column.
        action: the next thing to do, as an imperative.
    """

    def __init__(self, problem: str, action: str) -> None:
        super().__init__(f"{problem}; {action}")
        self.problem = problem
        self.action = action

    def __reduce__(self) -> tuple[type, tuple[str, str], dict[str, Any]]:
        """What travels between processes: what it was made of, and its notes."""
        return type(self), (self.problem, self.action), self.__dict__


def as_smearflow(error: SmearflowError | OSError, place: Path) -> SmearflowError:
    """An error in one line with the next action, whoever raised it.

    Args:
        place: the folder where the work is done, named where the system does not name a file.
    """
    if isinstance(error, SmearflowError):
        return error
    reason = os.strerror(error.errno) if error.errno else " ".join(str(error).split())
    action = _ACTIONS.get(error.errno or 0, "put that right and run again")
    return SmearflowError(f"{error.filename or place}: {reason}", action)


def first_line(error: Exception) -> str:
    """The first line of an error's message, for a message of one line."""
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(":")
