"""The tables of an exploration, in a real DVC repository with the project's own dvc.yaml."""

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from smearflow.analysis.tables import write_tables
from smearflow.records.exploration import RunRecord
from tests.commands import dvc, git
from tests.material import PROJECT
from tests.report.exploration.files import analysis, runs


def tables(folder: Path, records: list[RunRecord]) -> dict[str, Any]:
    write_tables(folder, records, analysis())
    return {
        name: json.loads((folder / f"{name}.json").read_text())
        for name in ("metrics", "curves", "comparisons")
    }


def test_tables(tmp_path: Path) -> None:
    first, *others = runs()
    longer = {**first.curve, "val_loss": [0.4, 0.2, 0.25]}
    found = tables(tmp_path, [first.model_copy(update={"curve": longer}), *others])
    assert found["metrics"] == {
        "runs": 4,
        "diverged": 1,
        "best_val_loss": 0.2,
        "best_val_accuracy": 0.9,
    }
    assert found["curves"] == [
        {"epoch": 1, "best": 0.4, "second": 0.3, "third": 0.5},
        {"epoch": 2, "best": 0.2, "second": 0.22, "third": 0.3},
        {"epoch": 3, "best": 0.25},
    ]
    assert found["comparisons"] == [
        {"alternative": "optimizer: adam", "val_loss": 0.21, "std": 0.0141, "n": 2},
        {"alternative": "removal: adam", "val_loss": 0.21, "std": 0.0141, "n": 2},
    ]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed exploration, and a better one that is not committed."""
    root = tmp_path_factory.mktemp("repository")
    pipeline = YAML(typ="safe").load(PROJECT / "dvc.yaml")
    shown = {name: pipeline[name] for name in ("metrics", "plots")}
    stage = {"cmd": "true", "outs": [{"outputs/analyse": {"persist": True}}]}
    YAML(typ="safe").dump({"stages": {"analyse": stage}} | shown, root / "dvc.yaml")
    git(root, "init", "--quiet")
    dvc(root, "init", "--quiet")
    (root / "outputs/analyse").mkdir(parents=True)
    tables(root / "outputs/analyse", runs())
    dvc(root, "commit", "--force", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "first")
    first, second, *others = runs()
    improved = {"val_loss": 0.1, "curve": {**second.curve, "val_loss": [0.3, 0.1]}}
    tables(root / "outputs/analyse", [first, second.model_copy(update=improved), *others])
    return root


def test_explorations_are_compared_as_experiments(repository: Path) -> None:
    workspace, committed = json.loads(dvc(repository, "exp", "show", "--json"))
    file = "outputs/analyse/metrics.json"
    losses = [
        each["data"]["metrics"][file]["data"]["best_val_loss"] for each in (workspace, committed)
    ]
    assert losses == [0.1, 0.2]


def test_explorations_are_compared_in_plots(repository: Path) -> None:
    found = json.loads(dvc(repository, "plots", "diff", "--json", "HEAD"))
    assert set(found) == {"data"}  # and no errors
    drawn = {
        name: [point for plot in plots for point in plot["content"]["data"]["values"]]
        for name, plots in found["data"].items()
    }
    curves = drawn["validation loss of the best runs"]
    assert {(each["rev"], each["field"]) for each in curves} == {
        (revision, place)
        for revision in ("workspace", "HEAD")
        for place in ("best", "second", "third")
    }
    ends = {each["rev"]: each["best"] for each in curves if each["epoch"] == 2}
    assert ends == {"workspace": 0.1, "HEAD": 0.2}
    bars = drawn["validation loss of the alternatives compared"]
    assert {each["alternative"] for each in bars} == {"optimizer: adam", "removal: adam"}
