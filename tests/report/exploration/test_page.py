import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from smearflow.analysis.narrowing import narrow
from smearflow.analysis.runs import analyse_runs
from smearflow.records.analysis.found import Analysis
from smearflow.records.exploration import Guesses
from smearflow.report.elements import Section
from smearflow.report.exploration.answers import QUESTIONS, answers
from smearflow.report.exploration.found import Exploration, read_exploration
from smearflow.report.exploration.page import PAGE, exploration_sections, write_exploration
from smearflow.report.html import data_url
from smearflow.report.pages import rewrite_pages
from smearflow.report.results import PAGES, PICTURES
from smearflow.report.sections.explore import explore_section
from tests.analysis.planted import TRUTHS, explored, planned
from tests.report.exploration import files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files.write_root(tmp_path)
    return tmp_path


def exploration(root: Path) -> Exploration:
    found = read_exploration(root, files.asked())
    assert found is not None
    return found


@pytest.fixture
def page(root: Path) -> str:
    return write(root / PAGES, exploration(root))


def write(folder: Path, found: Exploration) -> str:
    write_exploration(folder, found, folder / PICTURES / "explore")
    return (folder / PAGE).read_text()


def by_anchor(root: Path) -> dict[str, Section]:
    sections = exploration_sections(exploration(root), root / PAGES / PICTURES / "explore")
    return {section.anchor: section for section in sections}


def column(section: Section, table: int, name: str) -> list[str]:
    found = section.tables[table]
    return [row[found.columns.index(name)] for row in found.rows]


def test_the_loss_of_a_guess_is_that_of_its_cells(root: Path, page: str) -> None:
    assert "0.69 is a coin" in page
    found = exploration(root)
    rare = found.runs[0].model_copy(update={"guessing": Guesses(train=0.5, validation=0.48)})
    assert "0.48 is the best answer that is the same for every cell" in write(
        root / PAGES, replace(found, runs=[rare, *found.runs[1:]])
    )


def test_a_section_per_question_then_per_experiment(page: str) -> None:
    anchors = re.findall(r'<section id="([^"]+)">', page)
    assert anchors == [*QUESTIONS, "experiment-optimizer", "experiment-removal", "curves"]
    said = answers(files.analysis())
    for name, question in QUESTIONS.items():
        section = page.split(f'<section id="{name}">')[1].split("</section>")[0]
        assert section.startswith(f"<h2>{question}</h2>\n<p>{escape(said[name])}</p>")
    assert "4 short training runs" in page
    assert "1 of them diverged" in page
    assert "it is &lt;quick&gt;" in page


def test_every_picture_is_on_the_page_once_and_nothing_is_fetched(root: Path, page: str) -> None:
    folder = root / PAGES / PICTURES / "explore"
    for name in files.DRAWN:
        assert page.count(data_url(folder / f"{name}.png")) == 1
    assert "http" not in page
    assert 'href="parallel.html"' in page


@pytest.mark.parametrize("missing", ["explore/runs", "analyse/analysis", "analyse/narrowing"])
def test_without_its_files_there_is_no_exploration(root: Path, missing: str) -> None:
    (root / f"outputs/{missing}.json").unlink()
    assert read_exploration(root, files.asked()) is None
    assert explore_section(None, root) is None


def test_seconds_are_of_the_clock_and_may_be_unknown(root: Path) -> None:
    found = by_anchor(root)["convergence"]
    assert column(found, 0, "seconds an epoch") == ["3.0", "4.0"]
    assert found.sentences[-1] == (
        "By the clock, the first of those below took 4.0 seconds: "
        "gradient clip none, learning rate 0.0002, optimizer sgd."
    )
    (root / "reports/explore/run_seconds.json").unlink()
    unknown = by_anchor(root)["convergence"]
    assert column(unknown, 0, "seconds") == ["–", "–"]
    assert unknown.sentences == [answers(files.analysis())["convergence"]]


def test_figures_are_told_as_a_person_would(root: Path) -> None:
    found = by_anchor(root)
    assert column(found["importance"], 0, "share (95 % interval)")[0] == "46% (23%–56%)"
    assert column(found["importance"], 0, "matters") == ["yes", "not detectably"]
    assert column(found["interactions"], 0, "p") == ["< 0.001", "0.410"]
    assert column(found["bounds"], 0, "good") == ["0.0004 to 0.003"]
    assert column(found["bounds"], 2, "held at") == ["none"]
    assert column(found["removable"], 0, "loss rises by") == ["-0.012"]
    assert column(found["removable"], 0, "removable") == ["cannot be told"]
    assert column(found["gradients"], 0, "first kernel") == ["frozen", "frozen"]
    assert column(found["gradients"], 0, "hidden kernel") == ["not finite", "5.12%"]
    assert column(found["gradients"], 0, "seed") == ["2", "1"]
    assert column(found["curves"], 0, "runs") == ["2", "1", "1"]


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"removable": True}, "no harm detected"),
        (
            {"removable": True, "matters": ["trainable"]},
            "no harm detected; all runs together: it matters",
        ),
        ({"removable": False, "matters": ["trainable"]}, "no"),
        ({"exercised": False, "matters": ["trainable"]}, "not exercised"),
    ],
)
def test_what_can_be_removed_promises_no_more_than_was_seen(
    tmp_path: Path, found: dict[str, Any], text: str
) -> None:
    parts = files.parts()
    parts["removable"]["rows"][0] |= {"needed": 0.02} | found
    shown = replace(files.exploration(), analysis=Analysis.model_validate(parts))
    assert f'<td class="left">{text}</td>' in write(tmp_path, shown)


def test_an_experiment_tells_roles_reasons_and_what_it_compared(root: Path) -> None:
    found = by_anchor(root)["experiment-optimizer"]
    question, answer = found.sentences
    assert question == "Which optimizer learns best?"
    assert answer.startswith("Lowest validation loss: adam at learning rate 0.0012, 0.2100")
    assert list(found.tables[0].rows) == [
        ("scientific", "optimizer", "adam, sgd", "what the question is about"),
        (
            "nuisance",
            "learning rate",
            "0.0001 to 0.01, on a logarithmic scale",
            "at its best for each, before comparing",
        ),
        ("fixed", "epochs", "2", "it is <quick>"),
    ]
    assert column(found, 1, "validation loss") == ["0.2100 ± 0.0141", "–"]
    assert [each.path.stem for each in found.pictures] == [
        "isolation_optimizer",
        "curves_optimizer",
    ]
    removal = by_anchor(root)["experiment-removal"]
    assert removal.tables[0].rows[0] == (
        "ablation",
        "without symmetries",
        "augment no",
        "changed alone",
    )


def test_it_shows_what_the_analysis_found(tmp_path: Path) -> None:
    params, planned_runs = planned()
    experiments, base = params.explore.experiments, params.model.configuration
    records = explored(TRUTHS[0], planned_runs, 0)
    analysis = analyse_runs(experiments, records, base)
    narrowing = narrow(experiments, records, analysis, base)
    seconds = {record.id: 5.0 for record in records}
    page = write(tmp_path, Exploration(params.explore, records, analysis, narrowing, seconds))
    for experiment in experiments:
        assert f'<section id="experiment-{experiment.name}">' in page
        for reason in params.explore.words[experiment.name].because.values():
            assert str(escape(reason)) in page
    for answer in answers(analysis).values():
        assert str(escape(answer)) in page
    assert "By the clock" in page


def test_too_few_runs_for_an_answer_leave_answers_without_evidence(tmp_path: Path) -> None:
    parts = files.parts()
    parts["modelled"] = False
    parts["importance"] |= {"parameters": [], "noise": None, "explained": None}
    for name, rows in {
        "interactions": "pairs",
        "bounds": "parameters",
        "removable": "rows",
        "overfitting": "regularisers",
        "gradients": "rows",
        "convergence": "rows",
    }.items():
        parts[name][rows] = []
    parts["comparisons"] = []
    analysis = Analysis.model_validate(parts)
    page = write(tmp_path, replace(files.exploration(), analysis=analysis))
    assert all(str(escape(answer)) in page for answer in answers(analysis).values())
    assert "comes first" not in page  # a column of the evidence


def test_the_page_of_the_run_tells_answers_and_the_space(root: Path) -> None:
    page = rewrite_pages(root).read_text()
    assert '<section id="explore">' in page
    assert 'href="exploration.html"' in page
    (root / "drawn").mkdir()
    section = explore_section(exploration(root), files.write_root(root / "drawn"))
    assert section is not None
    assert len(section.tables[0].rows) == len(QUESTIONS) + 1  # the ablation is told by `removable`
    assert [table.caption for table in section.tables[1:]] == [
        "The space left for the search",
        "No longer searched",
    ]
    assert column(section, 1, "range or choices") == [
        "yes, no",
        "0.0004 to 0.003, on a logarithmic scale",
    ]
    assert {each.path.stem for each in section.pictures} == {"importance"}
