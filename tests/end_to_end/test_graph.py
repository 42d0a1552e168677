"""What a change runs: the graph of dvc.yaml asked of the real DVC, without running a stage.

docs/runs.md shows this table.
"""

import contextlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dvc.repo import Repo
from ruamel.yaml import YAML

from flows.editing import with_values
from flows.tasks import stage_order
from tests.commands import dvc
from tests.material import PROJECT

ORDER = stage_order(PROJECT)
DEFINITIONS = YAML(typ="safe").load(PROJECT / "dvc.yaml")["stages"]
READ = ("smearflow", "stages", "flows", "expectations", "params.yaml", "dvc.yaml", ".dvcignore")


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        change: in the words of docs/runs.md.
        runs: likewise.
        place: a file, or a dotted key of params.yaml.
        value: of the key; of a file, a line is appended to it.
        may_run: no other stage runs: the rest stands in the cache, or is not asked for at all.
        must_run: these do, whatever their results are.
    """

    change: str
    runs: str
    place: str
    may_run: tuple[str, ...]
    must_run: tuple[str, ...]
    value: Any = None


def on(stage: str) -> tuple[str, ...]:
    """The stage, and those that come after it, whether they read it or not."""
    return tuple(ORDER[ORDER.index(stage) :])


PAGES = ("pages",)
ANALYSIS = ("analyse", *on("tune"))
MODEL = "export, evaluate, baseline, monitor, pages"
TABLE = (
    Row("a caption", "pages", "smearflow/report/pictures/captions.py", PAGES, PAGES),
    Row("a picture", "pages", "smearflow/report/pictures/training.py", PAGES, PAGES),
    Row("the template of a page", "pages", "smearflow/report/page.html.j2", PAGES, PAGES),
    Row("`problem.question`", "pages", "problem.question", PAGES, PAGES, "Is it ill?"),
    Row(
        "the question of an experiment, a reason",
        "pages",
        "explore.words.depth.question",
        PAGES,
        PAGES,
        "How deep?",
    ),
    Row(
        "a rule of narrowing",
        "analyse, pages; tune and on where `space.json` changes",
        "smearflow/analysis/narrowing.py",
        ANALYSIS,
        ("analyse", "pages"),
    ),
    Row(
        "a target of the test side",
        "evaluate and on",
        "problem.targets.test",
        on("evaluate"),
        ("evaluate",),
        {"accuracy": 0.5},
    ),
    Row(
        "a target of the validation side",
        "train and on",
        "problem.targets.validation",
        on("train"),
        ("train",),
        {"accuracy": 0.5},
    ),
    Row(
        "the renderer of cells",
        "ingest and on",
        "smearflow/sample/cell.py",
        tuple(ORDER),
        ("ingest",),
    ),
    Row(
        "a training step",
        "explore and on",
        "smearflow/model/training.py",
        on("explore"),
        ("explore", "tune", "train"),
    ),
    Row(
        "the suite of the manifest",
        "validate, pages; what comes after validate where its results change",
        "expectations/manifest.json",
        on("validate"),
        ("validate", "pages"),
    ),
    Row(
        "the suite of windows",
        "monitor; pages where the verdict changes",
        "expectations/incoming.json",
        on("monitor"),
        ("monitor",),
    ),
    Row(
        "`train.epochs`",
        "analyse, tune, train and on",
        "train.epochs",
        on("analyse"),
        ("analyse", "tune", "train"),
        3,
    ),
    Row(
        "`train.early_stopping_patience`",
        "tune, train and on",
        "train.early_stopping_patience",
        on("tune"),
        ("tune", "train"),
        2,
    ),
    Row(
        "a docstring, as it is code",
        "the stages that import it, and on",
        "smearflow/monitoring/limits.py",
        on("baseline"),
        ("baseline", "monitor"),
    ),
    Row("`engine.workers`", "nothing", "engine.workers", (), (), 7),
    Row(
        "`locations`: the same cells at another place",
        "nothing",
        "locations",
        (),
        (),
        {"sample": "/elsewhere", "backbone": "/elsewhere/module"},
    ),
    Row("`registry.share`", "nothing", "registry.share", (), (), True),
    Row("a flow", "nothing", "flows/training.py", (), ()),
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This code and these settings, and results for which DVC takes what lies there; read only."""
    root = tmp_path_factory.mktemp("finished")
    for name in READ:
        if (PROJECT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
            shutil.copytree(PROJECT / name, root / name, ignore=ignored)
        else:
            shutil.copy2(PROJECT / name, root / name)
    (root / "data/incoming").mkdir(parents=True)
    (root / "data/incoming/README.md").write_text("put images here")
    for definition in DEFINITIONS.values():
        for out in definition["outs"]:
            write_anything(root / out / "seconds.json")
        for dep in definition["deps"]:
            if dep.split("/")[0] in ("outputs", "reports"):
                file = Path(dep) if Path(dep).suffix else Path(dep) / "any.json"
                write_anything(root / file)
    dvc(root, "init", "--no-scm", "--quiet")
    dvc(root, "commit", "--force", "--quiet")
    return root


def write_anything(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{file.name} of {file.parent.name}\n")


def changed_stages(root: Path) -> set[str]:
    with contextlib.chdir(root), Repo() as repo:
        return set(repo.status())


@pytest.fixture
def changed(finished: Path, row: Row) -> Iterator[Path]:
    """The finished project with the change of a row, which is taken back."""
    is_file = (finished / row.place).is_file()
    file = finished / (row.place if is_file else "params.yaml")
    before = file.read_text()
    line = "\n" if file.suffix in (".json", ".j2") else '\n"""Of no consequence."""\n'
    file.write_text(before + line if is_file else with_values(before, [(row.place, row.value)]))
    yield finished
    file.write_text(before)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.change)
def test_what_a_change_runs(changed: Path, row: Row) -> None:
    found = changed_stages(changed)
    assert set(row.must_run) <= found | downstream(found)
    assert found | downstream(found) <= set(row.may_run)
    # what DVC asks for is the first of them, and not a stage before it
    assert not row.may_run or row.must_run[0] == min(found, key=ORDER.index)


def downstream(stages: set[str]) -> set[str]:
    """The stages that read results of these, or of such."""
    found, waiting = set[str](), list(stages)
    while waiting:
        outs = DEFINITIONS[waiting.pop()]["outs"]
        readers = {
            name
            for name, definition in DEFINITIONS.items()
            for dep in definition["deps"]
            if any(Path(dep).is_relative_to(out) for out in outs)
        }
        waiting += readers - found
        found |= readers
    return found


def test_nothing_is_asked_for_where_nothing_changed(finished: Path) -> None:
    assert changed_stages(finished) == set()


EQUAL = [row for row in TABLE if row.change in ("a rule of narrowing", "the suite of the manifest")]


@pytest.mark.parametrize("row", EQUAL, ids=lambda row: row.change)
def test_what_follows_is_left_alone_where_results_are_equal(
    changed: Path, row: Row, tmp_path: Path
) -> None:
    """Stages that write what they wrote before stand in for those of this project."""
    root = shutil.copytree(changed, tmp_path / "root", symlinks=True)
    lock = (root / "dvc.lock").read_text()
    text = (root / "dvc.yaml").read_text()
    for stage in ORDER:
        own, same = f"python -m stages.{stage}", f"{sys.executable} again.py {stage}"
        lock, text = (
            lock.replace(f"cmd: {own}\n", f"cmd: {same}\n"),
            text.replace(f"cmd: {own}\n", f"cmd: {same}\n"),
        )
    (root / "dvc.lock").write_text(lock)
    (root / "dvc.yaml").write_text(text)
    (root / "again.py").write_text(AGAIN)
    for results in ("outputs", "reports"):
        shutil.copytree(root / results, root / "kept" / results)
    printed = dvc(root, "repro")
    ran = {stage for stage in ORDER if f"Running stage '{stage}'" in printed}
    assert ran == set(row.must_run)


AGAIN = """
import pathlib, shutil, sys
for results in ("outputs", "reports"):
    kept = pathlib.Path("kept", results, sys.argv[1])
    if kept.is_dir():
        shutil.copytree(kept, pathlib.Path(results, sys.argv[1]), dirs_exist_ok=True)
"""


def test_the_docs_show_this_table() -> None:
    shown = (PROJECT / "docs/runs.md").read_text()
    for row in TABLE:
        assert f"| {row.change} | {row.runs} |\n" in shown
