"""A toy stage: a page."""

from smearflow.params.problem import Question
from stages.runner import Folders, run


def pages(problem: Question, folders: Folders) -> None:
    """Write index.html."""
    (folders.reports / "index.html").write_text(problem.question)


if __name__ == "__main__":
    run(pages)
