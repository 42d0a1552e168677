"""The whole pipeline by `dvc repro` alone, on cells drawn here, in clones with nothing shared."""

import csv
import io
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from smearflow.report.pages import rewrite_pages
from smearflow.report.results import PAGES
from tests.commands import dvc, git, run
from tests.end_to_end.clones import hashes, new_clone
from tests.material import PROJECT, short_params

STAGES = list(YAML(typ="safe").load(PROJECT / "dvc.yaml")["stages"])


def ran(printed: str) -> set[str]:
    return {stage for stage in STAGES if f"Running stage '{stage}'" in printed}


def test_every_stage_runs_once(first: Path) -> None:
    assert {folder.name for folder in (first / "reports").iterdir()} == set(STAGES)
    assert {folder.name for folder in (first / "outputs").iterdir()} == set(STAGES) - {"pages"}
    assert ran(dvc(first, "repro")) == set()


@pytest.mark.slow
def test_another_clone_gives_the_same_bytes(
    first: Path, tmp_path: Path, cells: Path, hub_module: Path
) -> None:
    params = short_params(cells, hub_module)
    params["engine"]["workers"] = 2  # which no result depends on
    second = new_clone(tmp_path, params)
    shutil.copytree(first / "data/incoming", second / "data/incoming", dirs_exist_ok=True)
    dvc(second, "repro")
    assert hashes(second) == hashes(first)


def test_a_shifted_window_is_called_drift(first: Path) -> None:
    verdict = json.loads((first / "outputs/monitor/verdict.json").read_text())
    assert verdict["verdict"] == "drift"
    assert any(score["drifted"] for score in verdict["scores"])


def test_dvc_shows_its_part_of_the_exploration(first: Path) -> None:
    metrics = json.loads(dvc(first, "metrics", "show", "--json"))[""]["data"]
    assert metrics["outputs/analyse/metrics.json"]["data"]["runs"] == 16
    assert "outputs/train/metrics.json" in metrics
    # of validation cells alone: test figures would invite to choose by them
    assert not [file for file in metrics if "evaluate" in file or "test" in file]
    plots = json.loads(dvc(first, "plots", "show", "--json"))
    assert len(plots["data"]) == 2
    assert not plots.get("errors")
    (workspace, *_) = json.loads(dvc(first, "exp", "show", "--json"))
    shown = workspace["data"]["metrics"]["outputs/analyse/metrics.json"]["data"]
    assert shown["best_val_loss"] > 0


def test_no_resume_state_is_left(first: Path) -> None:
    left = [path for path in (first / "work").glob("*") if path.name in STAGES]
    assert left == []


def test_the_pages_hold_every_section_and_every_picture(first: Path) -> None:
    pages = first / PAGES
    page, exploration = ((pages / name).read_text() for name in ("index.html", "exploration.html"))
    for anchor in ("data", "checks", "explore", "tune", "train", "evaluate", "edge", "monitor"):
        assert f'<section id="{anchor}">' in page
    drawn = list((pages / "pictures").glob("*/*.png"))
    assert {path.parent.name for path in drawn} == {
        "evaluate",
        "explore",
        "monitor",
        "train",
        "tune",
    }
    explored = [path for path in drawn if path.parent.name == "explore"]
    there = {path.name for path in explored} & {"importance.png"}
    assert page.count("data:image/png;base64,") == len(drawn) - len(explored) + len(there)
    assert "http" not in page.replace("http://www.w3.org", "")
    assert exploration.count("data:image/png;base64,") == len(explored)
    for target in re.findall(r'href="([^"#]+)"', page):
        assert (pages / target).is_file()


def test_the_pages_of_an_unfinished_run_show_what_there_is(first: Path, tmp_path: Path) -> None:
    shutil.copy2(first / "params.yaml", tmp_path)
    for stage in ("ingest", "validate"):
        shutil.copytree(first / "outputs" / stage, tmp_path / "outputs" / stage)
    page = rewrite_pages(tmp_path).read_text()
    assert '<section id="checks">' in page
    assert '<section id="evaluate">' not in page


def test_a_remote_gives_a_fresh_clone_a_model_that_predicts(first: Path, tmp_path: Path) -> None:
    origin = shutil.copytree(first, tmp_path / "origin", symlinks=True)
    dvc(origin, "remote", "add", "--default", "store", str(tmp_path / "store"))
    git(origin, "add", "dvc.lock", ".dvc/config", ".gitignore")
    git(origin, "commit", "--quiet", "-m", "a run")
    dvc(origin, "push")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    dvc(clone, "pull")
    assert hashes(clone) == hashes(first)
    images = first / "data/incoming/today/Parasitized"
    printed = run(clone, sys.executable, "-m", "smearflow.edge.predict", str(images))
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert len(rows) == len(list(images.iterdir()))
    assert all(0 <= float(row["probability"]) <= 1 for row in rows)


def edited(first: Path, copy: Path, file: str, old: str, new: str) -> Path:
    """A copy of a run in which a line of code is another one."""
    shutil.copytree(first, copy, symlinks=True)
    code = (copy / file).read_text()
    assert old in code
    (copy / file).write_text(code.replace(old, new))
    return copy


def test_a_changed_parameter_and_other_words_run_only_what_depends_on_them(
    first: Path, tmp_path: Path
) -> None:
    file = "smearflow/report/pictures/captions.py"
    copy = edited(first, tmp_path / "copy", file, "epoch by epoch.", "look at it.")
    params = YAML(typ="safe").load(copy / "params.yaml")
    params["monitor"]["least_cells"] = 11
    YAML().dump(params, copy / "params.yaml")
    assert ran(dvc(copy, "repro")) == {"monitor", "pages"}
    assert "look at it." in (copy / PAGES / "index.html").read_text()


@pytest.mark.slow
def test_another_rule_of_narrowing_trains_nothing_unless_the_space_changes(
    first: Path, tmp_path: Path
) -> None:
    file = "smearflow/analysis/narrowing.py"
    same = edited(first, tmp_path / "same", file, "if high < 1.1 * low:", "if high < 1.01 * low:")
    space = (same / "outputs/analyse/space.json").read_bytes()
    assert ran(dvc(same, "repro")) == {"analyse", "pages"}
    assert (same / "outputs/analyse/space.json").read_bytes() == space
    other = edited(first, tmp_path / "other", file, "min(high, 10.0)", "min(0.9 * high, 10.0)")
    started = ran(dvc(other, "repro"))
    assert {"analyse", "tune", "pages"} <= started
    assert "explore" not in started
