import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from smearflow.analysis.narrowing import narrow
from smearflow.analysis.runs import analyse_runs
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.exploration import Guesses
from smearflow.report.elements import Section
from smearflow.report.exploration.answers import QUESTIONS, answers
from smearflow.report.exploration.exploration import Exploration, read_exploration
from smearflow.report.exploration.page import PAGE, exploration_sections, write_exploration
from smearflow.report.html import data_url
from smearflow.report.pages import rewrite_pages
from smearflow.report.results import PAGES, PICTURES
from smearflow.report.sections.explore import explore_section
from tests.analysis.planted import TRUTHS, explored, planned
from tests.report.exploration import files
from tests.wording import named, numbers


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
    assert numbers(found.sentences[-1]) == [4.0, 0.0002]  # seconds, and the rate of the fastest
    assert named(found.sentences[-1], "adam", "sgd") == ["sgd"]
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


def removable(root: Path, **found: Any) -> str:
    """What the table says of an ablation of which that was found."""
    parts = files.parts()
    parts["removable"]["rows"][0] |= {"needed": 0.02} | found
    shown = replace(exploration(root), analysis=Analysis.model_validate(parts))
    sections = {each.anchor: each for each in exploration_sections(shown, root)}
    return column(sections["removable"], 0, "removable")[0]


def test_what_can_be_removed_promises_no_more_than_was_seen(root: Path) -> None:
    matters = {"matters": ["trainable"]}
    harmless, doubtful = removable(root, removable=True), removable(root, removable=True, **matters)
    assert doubtful.startswith(harmless)
    assert doubtful != harmless
    harmful, untold = removable(root, removable=False), removable(root, removable=None)
    idle = removable(root, exercised=False)
    assert len({harmless, doubtful, harmful, untold, idle}) == 5
    assert harmful == "no"
    assert removable(root, removable=False, **matters) == harmful
    assert removable(root, exercised=False, **matters) == idle


def test_an_experiment_tells_roles_reasons_and_what_it_compared(root: Path) -> None:
    found = by_anchor(root)["experiment-optimizer"]
    question, answer = found.sentences
    assert question == files.WORDS["optimizer"]["question"]
    assert numbers(answer)[:2] == [0.0012, 0.21]
    assert named(answer, "adam", "sgd") == ["adam"]  # the other diverged
    rows = found.tables[0].rows
    assert [row[:2] for row in rows] == [
        ("scientific", "optimizer"),
        ("nuisance", "learning rate"),
        ("fixed", "epochs"),
    ]
    assert [numbers(row[2]) for row in rows] == [[], [0.0001, 0.01], [2]]
    assert named(rows[0][2], "adam", "sgd") == ["adam", "sgd"]
    assert rows[2][3] == files.WORDS["optimizer"]["because"]["epochs"]
    assert column(found, 1, "validation loss") == ["0.2100 ± 0.0141", "–"]
    assert [each.path.stem for each in found.pictures] == [
        "isolation_optimizer",
        "curves_optimizer",
    ]
    removal = by_anchor(root)["experiment-removal"]
    assert removal.tables[0].rows[0][:3] == ("ablation", "without symmetries", "augment no")


def test_it_shows_what_the_analysis_found(tmp_path: Path) -> None:
    params, planned_runs = planned()
    experiments, base = params.explore.experiments, params.model.configuration
    records = explored(TRUTHS[0], planned_runs, 0)
    analysis = analyse_runs(experiments, records, base, params.train.epochs)
    narrowing = narrow(experiments, records, analysis, base)
    seconds = {record.id: 5.0 for record in records}
    page = write(tmp_path, Exploration(params.explore, records, analysis, narrowing, seconds))
    for experiment in experiments:
        assert f'<section id="experiment-{experiment.name}">' in page
        for reason in params.explore.words[experiment.name].because.values():
            assert str(escape(reason)) in page
    for answer in answers(analysis).values():
        assert str(escape(answer)) in page


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
    for question in set(QUESTIONS) - {"bounds"}:  # which has the space that is left, too
        section = page.split(f'<section id="{question}">')[1].split("</section>")[0]
        assert "<table" not in section


def test_the_page_of_the_run_tells_answers_and_the_space(root: Path) -> None:
    page = rewrite_pages(root).read_text()
    assert '<section id="explore">' in page
    assert 'href="exploration.html"' in page
    (root / "drawn").mkdir()
    section = explore_section(exploration(root), files.write_root(root / "drawn"))
    assert section is not None
    assert len(section.tables[0].rows) == len(QUESTIONS) + 1  # the ablation is told by `removable`
    searched, dropped = section.tables[1:]
    assert [row[0] for row in searched.rows] == ["augment", "learning rate"]
    assert [numbers(row[1]) for row in searched.rows] == [[], [0.0004, 0.003]]
    assert [row[0] for row in dropped.rows] == ["gradient clip"]
    assert {each.path.stem for each in section.pictures} == {"importance"}
