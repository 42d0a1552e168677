"""What runs say, read from their file: no network is trained here."""

import json
import shutil
from pathlib import Path

import pytest

from smearflow.ground.files import write_json
from stages.analyse import analyse
from stages.runner import run_in
from tests.analysis import exploration_material as material
from tests.material import PROJECT
from tests.stages.project import make_project, tree


def test_numbers_for_the_search_and_for_dvc(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_project(tmp_path, {})
    shutil.copy2(PROJECT / "params.yaml", root / "params.yaml")
    (root / "outputs/explore").mkdir(parents=True)
    write_json(root / "outputs/explore/runs.json", material.runs())
    run_in(root, analyse)
    found = tree(root / "outputs/analyse")
    assert set(found) == {
        "analysis.json",
        "comparisons.json",
        "curves.json",
        "metrics.json",
        "narrowing.json",
        "space.json",
    }
    assert json.loads(found["analysis.json"]) == material.analysis()
    space, narrowing = json.loads(found["space.json"]), json.loads(found["narrowing.json"])
    assert set(space) == {"parameters", "fixed"}
    assert set(space["parameters"]) == set(narrowing["parameters"])
    metrics = json.loads(found["metrics.json"])
    assert metrics["runs"] == len(material.runs())
    assert f"analyse: {metrics['runs']} runs, {metrics['diverged']} diverged" in (
        capsys.readouterr().out
    )
    run_in(root, analyse)
    assert tree(root / "outputs/analyse") == found
