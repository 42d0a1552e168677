"""One clone, one DVC project: from the first run to a colleague's retraining, by the programs."""

import csv
import io
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from flows.decisions import open_registry
from smearflow.ground.files import tree_sha256
from tests.commands import dvc, git, run
from tests.end_to_end.clones import hashes
from tests.material import write_cells
from tests.stages.project import tree

LATER = "evaluate.bootstrap_samples=150"


def smearflow(project: Path, verb: str, *options: str) -> str:
    """What a verb printed."""
    return run(project, sys.executable, "-m", "flows.program", verb, *options)


def names(project: Path) -> list[str]:
    """Of the experiments that `dvc exp show` has, sorted."""
    shown = json.loads(dvc(project, "exp", "show", "--json", "--all-commits"))
    return sorted({each["name"] for commit in shown for each in commit["experiments"] or []})


@pytest.fixture(scope="module")
def project(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone after three runs of two profiles, with an origin and a store for DVC."""
    folder = tmp_path_factory.mktemp("one")
    root = Path(shutil.copytree(first, folder / "a clone", symlinks=True))
    shutil.copy2(root / "params.yaml", root / "profiles/toy.yaml")
    git(root, "clone", "--quiet", "--bare", str(root), str(folder / "origin.git"))
    git(root, "remote", "add", "origin", str(folder / "origin.git"))
    dvc(root, "remote", "add", "--default", "store", str(folder / "a store"))
    smearflow(root, "run", "--profile", "sample")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "the first run, a profile, a store")
    smearflow(root, "run", "--profile", "toy")
    smearflow(root, "run", "--profile", "toy", "--set", LATER)
    return root


@pytest.fixture(scope="module")
def promoted(project: Path) -> dict[str, str]:
    """The models in use by profile, after a person has approved the last run; all is shared."""
    undecided = smearflow(project, "promote", "runs/toy")
    assert "too few to tell" in undecided
    (command,) = re.findall(r"smearflow (approve \S+ --profile toy) --by NAME", undecided)
    printed = smearflow(project, *command.split(), "--by", "Ada", "--reason", "looked at its cells")
    assert "is in use: Ada approved it: looked at its cells" in printed
    assert "git push origin registry && dvc --cd registry push" in printed
    git(project, "push", "--quiet", "origin", "HEAD", "registry")
    dvc(project, "push")
    dvc(project, "--cd", "registry", "push")
    return champions(project)


def champions(project: Path) -> dict[str, str]:
    registry = open_registry(project)
    found = {profile: registry.champion(profile) for profile in ("sample", "toy")}
    return {profile: model.model_id for profile, model in found.items() if model}


@pytest.mark.slow
def test_dvc_has_nothing_to_do_after_a_run(project: Path) -> None:
    printed = dvc(project, "repro")
    assert "Running stage" not in printed
    assert "Data and pipelines are up to date." in printed
    assert git(project, "status", "--porcelain") == ""


@pytest.mark.slow
def test_runs_are_listed_compared_and_brought_back(project: Path, promoted: dict[str, str]) -> None:
    sample, toy, later = names(project)
    assert [name.split("-")[0] for name in (sample, toy, later)] == ["sample", "toy", "toy"]
    table = smearflow(project, "runs")
    assert all(name in table for name in (sample, toy, later))
    difference = json.loads(dvc(project, "exp", "diff", toy, later, "--json"))
    changed = difference["params"]["params.yaml"]
    assert changed["evaluate.bootstrap_samples"] == {"diff": 50, "new": 150, "old": 100}
    before = hashes(project), bootstrap_samples(project), decided(project)
    assert hashes(project / "runs/toy") != before[0]
    dvc(project, "exp", "apply", later)
    assert (hashes(project), bootstrap_samples(project)) == (hashes(project / "runs/toy"), 150)
    dvc(project, "exp", "apply", sample)
    assert (hashes(project), bootstrap_samples(project), decided(project)) == before
    assert champions(project) == promoted


@pytest.mark.slow
def test_a_person_goes_back_and_forth(project: Path, promoted: dict[str, str]) -> None:
    models = project / "registry/toy/models"
    before = tree(models)
    (other,) = {path.name for path in models.iterdir() if path.is_dir()} - {promoted["toy"]}
    smearflow(project, "rollback", "--profile", "toy", "--reason", "worse on our cells")
    assert champions(project) == promoted | {"toy": other}
    smearflow(project, "rollback", promoted["toy"], "--profile", "toy", "--by", "Ada")
    assert champions(project) == promoted
    assert tree(models) == before
    told = smearflow(project, "history", "--profile", "toy").splitlines()[-4:]
    events = [re.split(r"\s{2,}", line.strip())[1] for line in told]
    assert events == ["undecided", "approved", "rolled back", "rolled back"]


def bootstrap_samples(root: Path) -> int:
    params: dict[str, Any] = YAML(typ="safe").load(root / "params.yaml")
    return int(params["evaluate"]["bootstrap_samples"])


def decided(project: Path) -> str:
    """Hash of everything in the registry but what git and DVC keep there."""
    folder = project / "registry"
    files = [file for file in folder.rglob("*.json*") if ".dvc" not in file.parts]
    return tree_sha256(folder, files)


@pytest.mark.slow
def test_a_colleague_predicts_monitors_and_retrains(
    project: Path, promoted: dict[str, str], cells: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "a colleague"
    git(tmp_path, "clone", "--quiet", str(project.with_name("origin.git")), str(clone))
    dvc(clone, "pull")
    assert hashes(clone) == hashes(project)
    assert champions(clone) == promoted
    rows = list(
        csv.DictReader(io.StringIO(smearflow(clone, "predict", str(cells), "--profile", "toy")))
    )
    assert len(rows) == len(list(cells.rglob("*.png")))
    assert {row["label"] for row in rows} <= {"Uninfected", "Parasitized"}
    window = write_cells(tmp_path / "window", patients=6, first_patient=100, seed=2, stain=2.0)
    judged = smearflow(clone, "monitor", "--profile", "toy", "--incoming", str(window))
    assert "drift" in judged
    new = write_cells(tmp_path / "new", patients=6, first_patient=200, seed=3)
    printed = smearflow(clone, "retrain", "--profile", "toy", "--cells", str(new))
    assert "edge models on the challenger's test cells" in printed
    settings = YAML(typ="safe").load(clone / "runs/toy-retraining/params.yaml")
    sources = [source["name"][:8] for source in settings["ingest"]["sources"]]
    assert sources == ["nih", "labelled"]
    assert str(cells) not in json.dumps([settings["locations"], settings["ingest"]])
    assert any(name.startswith("toy-retraining-") for name in names(clone))
