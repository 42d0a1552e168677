"""The one exception a user is meant to read."""


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
