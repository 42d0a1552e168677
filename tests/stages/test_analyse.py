"""What runs say, read from their file: no network is trained here."""

import json
import shutil
from pathlib import Path

import pytest

from smearflow.analysis.narrowing import space_of
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.analysis.narrowing import Narrowing
from smearflow.records.exploration import Runs
from smearflow.records.search.space import Space
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
    Runs(runs=tuple(material.runs())).write(root / "outputs/explore")
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
    assert Analysis.read(root) == material.analysis()
    assert Space.read(root) == space_of(Narrowing.read(root))
    metrics = json.loads(found["metrics.json"])
    assert metrics["runs"] == len(material.runs())
    assert f"analyse: {metrics['runs']} runs, {metrics['diverged']} diverged" in (
        capsys.readouterr().out
    )
    run_in(root, analyse)
    assert tree(root / "outputs/analyse") == found
