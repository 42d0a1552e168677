"""What the terminal says at the end of a run."""

from pathlib import Path

from flows.summary import Outcome, summarise
from smearflow.params.whole import load_params
from smearflow.records.figures import AtPrevalence, Estimate, Figures
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


def test_precision_where_the_model_will_be_used_is_one_line_of_the_terminal_and_on_the_page(
    tmp_path: Path,
) -> None:
    root, half = write_run(tmp_path), Estimate(value=0.5, low=0.4, high=0.6)
    there = AtPrevalence(prevalence=0.02, stated=True, model=half, edge=half)
    figures = Figures.read(root).model_copy(update={"at_prevalence": there})
    figures.write(Figures.path(root).parent)
    told = summarise(Outcome(root, runs=(), look=1, saved=None), "this model")
    words = "Of 100 cells that it calls Parasitized, 50 (40 to 60) are, where 2.0% of cells are"
    assert sum(words in line for line in told.splitlines()) == 1
    page = rewrite_pages(root).read_text()
    assert words in page
    assert "precision where 2.0% are Parasitized" in page
