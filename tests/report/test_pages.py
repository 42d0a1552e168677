import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from smearflow.evaluation.metrics import METRICS
from smearflow.evaluation.targets import check_targets
from smearflow.ground.files import write_json
from smearflow.records.figures import Estimate
from smearflow.report.pages import rewrite_pages, write_pages
from smearflow.report.results import PICTURES
from smearflow.report.sections.monitor import judged_cells
from smearflow.report.sections.time import STAGES, time_section
from tests.material import PROJECT
from tests.records.examples import FIGURES, TRAINING, VERDICT
from tests.report.exploration import files
from tests.report.finished import write_run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files.write_root(tmp_path)
    for stage in ("train", "evaluate", "monitor"):
        (tmp_path / "outputs" / stage).mkdir()
    return tmp_path


@pytest.mark.parametrize("stand_in", [True, False])
def test_a_stand_in_for_a_window_is_called_one(root: Path, stand_in: bool) -> None:
    verdict, other = (
        VERDICT.model_copy(update={"stand_in": each}) for each in (stand_in, not stand_in)
    )
    verdict.write(root / "outputs/monitor")
    page = rewrite_pages(root).read_text()
    assert judged_cells(verdict) in page
    assert judged_cells(other) not in page
    section = page.split('<section id="monitor">')[1].split("</section>")[0]
    assert ("stand in" in section) is stand_in


def write_figures(root: Path, figure: Estimate) -> None:
    """Targets on both sides, and a test set on which every figure is the same."""
    reached = dict.fromkeys(METRICS, figure.value)
    validation, test = (
        check_targets("validation", {"accuracy": 0.95}, reached),
        check_targets("test", {"accuracy": 0.95}, reached),
    )
    TRAINING.model_copy(update={"targets": validation}).write(root / "outputs/train")
    figures = dict.fromkeys(METRICS, figure)
    FIGURES.model_copy(update={"model": figures, "edge": figures, "targets": test}).write(
        root / "outputs/evaluate"
    )
    (root / "outputs/evaluate/per_patient.csv").write_text("patient,cells\nC1,40\n")


def cells_of(row: str) -> list[str]:
    """The texts of a table's row."""
    return re.findall(r"<td[^>]*>([^<]*)</td>", row)


def test_targets_tell_how_sure_the_test_side_is(root: Path) -> None:
    write_figures(root, Estimate(value=0.9621, low=0.942, high=0.981))
    page = rewrite_pages(root).read_text()
    rows = page.split('<section id="targets">')[1].split("</section>")[0].split("<tr>")
    assert cells_of(rows[2]) == ["validation accuracy", "0.9621", "0.9500", "–", "met"]
    assert cells_of(rows[3]) == ["test accuracy", "0.9621", "0.9500", "0.942–0.981", "met"]


def test_a_figure_that_is_undefined_has_no_interval(root: Path) -> None:
    write_figures(root, Estimate(value=None, low=None, high=None))
    page = rewrite_pages(root).read_text()
    row = page.split('<section id="targets">')[1].split("<tr>")[3]
    assert cells_of(row) == ["test accuracy", "–", "0.9500", "–", "MISSED"]


def test_a_run_without_results_has_a_page(tmp_path: Path) -> None:
    write_pages(tmp_path, tmp_path / "pages", "Is it <so>?", files.asked(), ())
    page = (tmp_path / "pages/index.html").read_text()
    assert "<h1>Is it &lt;so&gt;?</h1>" in page
    assert re.findall('<section id="(.*?)">', page) == ["next"]
    assert not list((tmp_path / "pages" / PICTURES).rglob("*.png"))


def test_a_finished_run_is_told_in_the_order_of_the_story_within_2_mb(tmp_path: Path) -> None:
    page = rewrite_pages(write_run(tmp_path))
    assert re.findall('<section id="(.*?)">', page.read_text()) == [
        "data",
        "checks",
        "explore",
        "train",
        "targets",
        "patients",
        "three-answers",
        "evaluate",
        "mistakes",
        "edge",
        "monitor",
        "next",
    ]
    assert all(file.stat().st_size < 2e6 for file in page.parent.rglob("*") if file.is_file())


def test_pages_written_anew_replace_the_old_ones_whole(root: Path) -> None:
    page = rewrite_pages(root)
    (page.parent / "stray.txt").write_text("of an older version")
    first = page.read_bytes()
    assert rewrite_pages(root).read_bytes() == first
    assert not (page.parent / "stray.txt").exists()
    assert {path.name for path in page.parent.parent.iterdir()} == {"explore", "pages"}


def test_seconds_come_in_the_order_of_the_stages(root: Path) -> None:
    for stage, seconds in {"tune": 3.0, "analyse": 2.0, "explore": 1.0}.items():
        (root / "reports" / stage).mkdir(exist_ok=True)
        write_json(root / "reports" / stage / "seconds.json", {"seconds": seconds})
    section = time_section(root)
    assert section is not None
    rows = [("explore", "1.0"), ("analyse", "2.0"), ("tune", "3.0"), ("together", "6.0")]
    assert section.tables[0].rows == rows


def test_every_stage_but_the_last_has_its_seconds_shown() -> None:
    pipeline = YAML(typ="safe").load(PROJECT / "dvc.yaml")["stages"]
    assert [*STAGES, "pages"] == list(pipeline)
    assert not set(pipeline["pages"]["outs"]) & {
        dep for stage in pipeline.values() for dep in stage["deps"]
    }
