"""Everything said and shown of the run: the last stage, on which nothing depends."""

from smearflow.params.explore import Explore
from smearflow.params.ingest import Ingest
from smearflow.params.problem import Question
from smearflow.report.exploration.answers import HEADLINES, QUESTIONS, answers
from smearflow.report.exploration.exploration import read_exploration
from smearflow.report.pages import write_pages
from stages.runner import Folders, run


def pages(problem: Question, ingest: Ingest, explore: Explore, folders: Folders) -> None:
    """Draw every picture, write index.html and the page of the exploration."""
    write_pages(folders.root, folders.reports, problem.question, explore, ingest.sources)
    exploration = read_exploration(folders.root, explore)
    if exploration is not None:
        found = answers(exploration.analysis)
        for name in HEADLINES:
            print(f"explore: {QUESTIONS[name]} {found[name]}", flush=True)


if __name__ == "__main__":
    run(pages)
