"""What the terminal says at the end of a run."""

from pathlib import Path

from flows.summary import Outcome, summarise
from smearflow.params.whole import load_params
from smearflow.report.conclusions.every import first_answers
from smearflow.report.pages import rewrite_pages
from smearflow.report.run import read_run
from smearflow.report.sections.monitor import judged_cells
from tests.records.examples import VERDICT
from tests.report.finished import write_run


def test_the_terminal_says_what_the_page_says(tmp_path: Path) -> None:
    page = rewrite_pages(write_run(tmp_path)).read_text()
    told = summarise(Outcome(tmp_path, runs=(), look=1, saved=None), "this model")
    run = read_run(tmp_path, load_params(tmp_path / "params.yaml").ingest.sources)
    use, fails, step = first_answers(run)
    for words in (use.short, fails.short, judged_cells(VERDICT), "0.9167", "met"):
        assert words in told
        assert words in page
    assert step.short in told
