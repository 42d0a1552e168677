import base64
import re
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from smearflow.model import curves
from smearflow.params import Configuration
from smearflow.report.exploration import exploration_sections, write_exploration
from smearflow.report.pages import write_report
from smearflow.report.sections import QUESTIONS, Section, explore_section, setting, settings, spread
from smearflow.report.wording import CURVES, PARAMETERS
from smearflow.search.answers import answer
from smearflow.search.narrowing import narrow
from tests.report import exploration_files as files
from tests.search.planted import TRUTHS, explored, planned


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(files.write_root(tmp_path), files.answers())
    return tmp_path


def write(folder: Path, answers: dict[str, Any]) -> str:
    write_exploration(
        folder, files.experiments(), files.runs(), answers, files.space(), files.SECONDS
    )
    return (folder / "index.html").read_text()


def by_anchor(root: Path) -> dict[str, Section]:
    return {section.anchor: section for section in exploration_sections(root)}


def column(section: Section, table: int, name: str) -> list[str]:
    found = section.tables[table]
    return [row[found.columns.index(name)] for row in found.rows]


def test_a_section_per_question_then_per_experiment(root: Path) -> None:
    page = (root / "reports/explore/index.html").read_text()
    anchors = re.findall(r'<section id="([^"]+)">', page)
    assert anchors == [*QUESTIONS, "experiment-optimizer", "experiment-removal", "curves"]
    for name in QUESTIONS:
        found = files.answers()[name]
        section = page.split(f'<section id="{name}">')[1].split("</section>")[0]
        assert section.startswith(f"<h2>{found['question']}</h2>\n<p>{found['answer']}</p>")
    assert "4 short training runs" in page
    assert "1 of them diverged" in page
    assert "it is &lt;quick&gt;" in page


def test_every_picture_is_on_the_page_once_and_nothing_is_fetched(root: Path) -> None:
    folder = root / "reports/explore"
    page = (folder / "index.html").read_text()
    for name in files.PICTURES:
        assert page.count(base64.b64encode((folder / f"{name}.png").read_bytes()).decode()) == 1
    assert "http" not in page
    assert 'href="parallel.html"' in page


def test_what_files_say_is_what_the_stage_wrote(root: Path) -> None:
    page = (root / "reports/explore/index.html").read_text()
    for section in exploration_sections(root):
        assert f"<h2>{section.title}</h2>" in page
        assert all(picture.path.is_file() for picture in section.pictures)
    assert column(by_anchor(root)["convergence"], 0, "seconds") == ["6.0", "4.0"]


@pytest.mark.parametrize("missing", ["answers", "runs", "space"])
def test_without_its_files_there_are_no_sections(root: Path, missing: str) -> None:
    (root / f"outputs/explore/{missing}.json").unlink()
    assert exploration_sections(root) == []


def test_seconds_are_of_the_clock_and_may_be_unknown(root: Path) -> None:
    found = by_anchor(root)["convergence"]
    assert column(found, 0, "seconds an epoch") == ["3.0", "4.0"]
    assert found.sentences[-1] == (
        "By the clock, the first of those below took 4.0 seconds: "
        "gradient clip none, optimizer sgd."
    )
    (root / "reports/explore/run_seconds.json").unlink()
    unknown = by_anchor(root)["convergence"]
    assert column(unknown, 0, "seconds") == ["–", "–"]
    assert unknown.sentences == [files.answers()["convergence"]["answer"]]


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
    answers = files.answers()
    answers["removable"]["rows"][0] |= found
    assert f'<td class="left">{text}</td>' in write(tmp_path, answers)


def test_regularisers_refer_to_what_matters(root: Path) -> None:
    caption = by_anchor(root)["overfitting"].tables[0].caption
    assert "an effect only where the parameter also matters in the first table" in " ".join(
        caption.split()
    )


def test_an_experiment_tells_roles_reasons_and_what_it_compared(root: Path) -> None:
    found = by_anchor(root)["experiment-optimizer"]
    assert found.sentences == ["Which optimizer learns best?", "No detectable difference."]
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
    answers = answer(experiments, records, base)
    found = narrow(experiments, records, answers, base)
    seconds = {record["id"]: 5.0 for record in records}
    write_exploration(tmp_path, experiments, records, answers, found, seconds)
    page = (tmp_path / "index.html").read_text()
    for experiment in experiments:
        assert f'<section id="experiment-{experiment.name}">' in page
        for held in experiment.fixed.values():
            assert str(escape(held.because)) in page
    for name in QUESTIONS:
        assert str(escape(answers[name]["answer"])) in page
    assert "By the clock" in page


def test_too_few_runs_for_an_answer_leave_answers_without_evidence(tmp_path: Path) -> None:
    answers = files.answers()
    answers["importance"] |= {"parameters": [], "noise": None, "explained": None}
    for name, rows in {
        "interactions": "pairs",
        "bounds": "parameters",
        "removable": "rows",
        "overfitting": "regularisers",
        "gradients": "rows",
        "convergence": "rows",
    }.items():
        answers[name][rows] = []
    answers["comparisons"] = []
    tmp_path.joinpath("empty").mkdir()
    page = write(tmp_path / "empty", answers)
    assert "<p>The rate.</p>" in page
    assert "comes first" not in page
    assert "its runs are points of a space".capitalize() in page


def test_the_report_of_the_run_tells_answers_and_the_space(root: Path) -> None:
    page = write_report(root).read_text()
    assert '<section id="explore">' in page
    assert 'href="explore/index.html"' in page
    section = explore_section(root)
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
    assert {each.path.stem for each in section.pictures} == {"importance", "axes"}


def test_the_report_bears_missing_files(root: Path) -> None:
    (root / "outputs/explore/space.json").unlink()
    section = explore_section(root)
    assert section is not None
    assert len(section.tables) == 1
    (root / "outputs/explore/answers.json").unlink()
    assert explore_section(root) is None


def test_every_parameter_and_every_curve_is_explained() -> None:
    assert set(PARAMETERS) == set(Configuration.model_fields)
    labels = r"^ {8}([a-z][a-z ]+?)(?: from epoch k)?:"
    documented = re.findall(labels, str(curves.diagnose.__doc__), re.MULTILINE)
    assert set(documented) - {"curve"} == set(CURVES)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "none"), (True, "yes"), (False, "no"), (0.00012345, "0.000123"), (20, "20")],
)
def test_setting(value: object, text: str) -> None:
    assert setting(value) == text
    assert settings({"hidden_units": value}) == f"hidden units {text}"


@pytest.mark.parametrize(
    ("mean", "std", "text"),
    [(0.156, 0.012, "0.1560 ± 0.0120"), (0.156, None, "0.1560"), (None, None, "–")],
)
def test_spread(mean: float | None, std: float | None, text: str) -> None:
    assert spread({"mean": mean, "std": std}) == text
