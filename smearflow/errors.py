"""The one exception a user is meant to read."""

from typing import Any


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
