import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import read_json_lines
from smearflow.ground.progress import Progress, progress_file
from smearflow.params.split import Split
from stages.runner import Folders, run_in, state_hash
from tests.material import PROJECT, short_params
from tests.stages.project import make_project, tree, write_params

DVC_YAML = """
stages:
  copy:
    cmd: none
    deps: [data, code.py]
    params: [split, problem.positive]
    outs: [outputs/copy, reports/copy]
"""


@pytest.fixture
def params() -> dict[str, Any]:
    return short_params(Path("cells"), Path("module"))


@pytest.fixture
def root(tmp_path: Path, params: dict[str, Any]) -> Path:
    """A project with one stage, `copy`, that depends on a folder and a file."""
    (tmp_path / "dvc.yaml").write_text(DVC_YAML)
    (tmp_path / "data" / "inner").mkdir(parents=True)
    (tmp_path / "data" / "inner" / "a.txt").write_text("one")
    (tmp_path / "code.py").write_text("pass")
    write_params(tmp_path, params)
    return tmp_path


def copy(split: Split, folders: Folders) -> None:
    """Write results that tell the data and the image size."""
    data = (folders.root / "data" / "inner" / "a.txt").read_text()
    (folders.outputs / "result.txt").write_text(f"{data} {split.image_size}")
    (folders.reports / "page.html").write_text(data)


def test_results_and_reports_are_moved_into_place(root: Path) -> None:
    run_in(root, copy)
    assert tree(root / "outputs") == {"copy/result.txt": b"one 32"}
    assert set(tree(root / "reports")) == {"copy/page.html", "copy/seconds.json"}
    assert not tree(root / "work")


def test_a_stage_that_only_shows_has_no_folder_of_results(root: Path) -> None:
    def shows(folders: Folders) -> None:
        (folders.reports / "page.html").write_text("a page")

    shows.__name__ = "copy"
    run_in(root, shows)
    assert set(tree(root / "reports")) == {"copy/page.html", "copy/seconds.json"}
    assert not (root / "outputs").exists()


def test_a_second_run_replaces_all_of_the_first(root: Path) -> None:
    run_in(root, copy)
    (root / "outputs" / "copy" / "stray.txt").write_text("of an older version")
    (root / "data" / "inner" / "a.txt").write_text("two")
    run_in(root, copy)
    assert tree(root / "outputs") == {"copy/result.txt": b"two 32"}


def test_a_failing_stage_leaves_earlier_results_alone(root: Path) -> None:
    run_in(root, copy)
    before = tree(root / "outputs") | tree(root / "reports")

    def fails(split: Split, folders: Folders) -> None:
        copy(split, folders)
        raise SmearflowError("half of it is written", "look")

    fails.__name__ = "copy"
    with pytest.raises(SmearflowError):
        run_in(root, fails)
    assert tree(root / "outputs") | tree(root / "reports") == before


def test_the_last_of_its_progress_is_read_after_it_ended(root: Path) -> None:
    def counting(split: Split, folders: Folders) -> None:
        copy(split, folders)
        Progress("copy", 1, folders.progress).finish("copied", 0.1)

    counting.__name__ = "copy"
    run_in(root, counting)
    (status,) = read_json_lines(progress_file(root, "copy"))
    assert status["done"] == 1


def test_finished_units_survive_until_the_stage_returns(root: Path) -> None:
    seen = []

    def resumes(split: Split, folders: Folders) -> None:
        unit = folders.work / "unit.txt"
        seen.append(unit.exists())
        half = folders.outputs / "half.txt"
        assert not half.exists()
        half.write_text("")
        unit.write_text("finished")
        if len(seen) < 2:
            raise KeyboardInterrupt
        copy(split, folders)

    resumes.__name__ = "copy"
    with pytest.raises(KeyboardInterrupt):
        run_in(root, resumes)
    run_in(root, resumes)
    run_in(root, resumes)
    assert seen == [False, True, False]


def change_nothing(root: Path, params: dict[str, Any]) -> None:
    del root, params


def change_data(root: Path, params: dict[str, Any]) -> None:
    del params
    (root / "data" / "inner" / "a.txt").write_text("two")


def rename_data(root: Path, params: dict[str, Any]) -> None:
    del params
    (root / "data" / "inner" / "a.txt").rename(root / "data" / "b.txt")


def change_code(root: Path, params: dict[str, Any]) -> None:
    del params
    (root / "code.py").write_text("other")


def change_a_section(root: Path, params: dict[str, Any]) -> None:
    del root
    params["split"]["test"] = 0.1


def change_a_key(root: Path, params: dict[str, Any]) -> None:
    del root
    params["problem"]["positive"] = "sick"


def change_another_key(root: Path, params: dict[str, Any]) -> None:
    del root
    params["problem"]["negative"] = "well"
    params["tune"]["trials"] = 9


def add_bytecode(root: Path, params: dict[str, Any]) -> None:
    del params
    (root / "data" / "__pycache__").mkdir()
    (root / "data" / "__pycache__" / "a.pyc").write_bytes(b"compiled")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (change_nothing, True),
        (change_another_key, True),
        (add_bytecode, True),
        (change_data, False),
        (rename_data, False),
        (change_code, False),
        (change_a_section, False),
        (change_a_key, False),
    ],
)
def test_the_work_folder_belongs_to_dependencies_and_parameters(
    change: Any, same: bool, root: Path, params: dict[str, Any]
) -> None:
    before = state_hash(root, "copy")
    change(root, params)
    write_params(root, params)
    assert (state_hash(root, "copy") == before) == same


def test_a_missing_dependency(root: Path) -> None:
    (root / "code.py").unlink()
    with pytest.raises(SmearflowError, match=r"code\.py is missing; run the stages before it"):
        run_in(root, copy)


def test_a_stage_that_dvc_does_not_know(root: Path) -> None:
    with pytest.raises(SmearflowError, match=r"dvc\.yaml has no stage other"):
        state_hash(root, "other")


def test_an_error_is_one_line_and_an_exit_code(tmp_path: Path) -> None:
    params = short_params(tmp_path / "nowhere", tmp_path)
    root = make_project(tmp_path / "project", params)
    command = [sys.executable, "-m", "stages.ingest"]
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("SMEARFLOW_DEBUG", None)

    def failed(*more: str) -> list[str]:
        done = subprocess.run(
            [*command, *more], cwd=root, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 1
        return done.stderr.splitlines()

    (line,) = failed()
    assert line == (
        f"error: ingest: {tmp_path}/nowhere does not exist; bring it back, or name another: "
        "DATA=<folder or archive>"
    )
    lines = failed("--debug")
    assert lines[0].startswith("Traceback")
    assert lines[-1] == line
    assert not (root / "outputs").exists()
