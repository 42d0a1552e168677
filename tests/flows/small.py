"""A clone in miniature for tests with the real git and DVC: two stages that import little."""

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from flows.experiments import save_run
from smearflow.release.registry import Registry
from tests.commands import dvc, git
from tests.material import PROJECT, short_params

INGEST = """
import zipfile
from pathlib import Path

raw = Path("outputs/ingest/raw")
raw.mkdir(parents=True, exist_ok=True)
with zipfile.ZipFile(raw / "nih.zip", "w") as archive:
    archive.writestr(zipfile.ZipInfo("Uninfected/cell.png"), "a cell")
"""
EVALUATE = """
import json
from pathlib import Path
from ruamel.yaml import YAML

seed = YAML(typ="safe").load(Path("params.yaml"))["train"]["seed"]
figure = {"value": 0.5 + seed / 100, "low": 0.4 + seed / 100, "high": 0.6 + seed / 100}
names = (
    "accuracy", "sensitivity", "specificity", "precision", "f1", "mcc", "roc_auc", "pr_auc",
    "calibration_error", "brier",
)
figures = {name: figure for name in names}
model = {"sha256": f"{seed:064}", "bytes": 9, "agreement": 1.0}
four = dict.fromkeys(("tn", "fp", "fn", "tp"), 1)
edge = {
    "chosen": "m.tflite", "models": {"m.tflite": model}, "reason": "the only one",
    "classes": ["Uninfected", "Parasitized"], "image_size": 32, "threshold": 0.5,
}
metrics = {
    "cells": 4, "patients": 2, "threshold": 0.5, "model": figures, "edge": figures,
    "interval": "none", "confusion": four, "confusion_intervals": dict.fromkeys(four, (1, 1)),
    "targets": [], "overridden": False, "overridden_reasons": [], "edge_sha256": model["sha256"],
    "model_sha256": model["sha256"], "test_sha256": "the test set",
}
for name, content in {
    "export/edge.json": edge,
    "export/metrics.json": {"megabytes": 0.1 * seed, "agreement": 1.0},
    "baseline/baseline.json": {"of": seed},
    "train/metrics.json": {"accuracy": figure["value"], "learning_rate": 0.001},
    "evaluate/metrics.json": metrics,
}.items():
    file = Path("outputs") / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))
"""
_FOLDERS = ("train", "export", "evaluate", "baseline")
_DVC = {
    "stages": {
        "ingest": {
            "cmd": "python -m stages.ingest",
            "deps": ["stages/ingest.py"],
            "params": ["ingest"],
            "outs": ["outputs/ingest"],
        },
        "evaluate": {
            "cmd": "python -m stages.evaluate",
            "deps": ["stages/evaluate.py", "outputs/ingest"],
            "params": ["train.seed"],
            "outs": [f"outputs/{name}" for name in _FOLDERS],
        },
    },
    "metrics": ["outputs/train/metrics.json", "outputs/export/metrics.json"],
}


def write_small(root: Path) -> Path:
    """Write a clone with a commit; its run, of seed 1, is still to come."""
    files = {"stages/__init__.py": "", "stages/ingest.py": INGEST, "stages/evaluate.py": EVALUATE}
    for name in (".gitignore", ".dvcignore", ".dvc/config", "expectations/incoming.json"):
        files[name] = (PROJECT / name).read_text()
    files[".dvc/.gitignore"] = "/config.local\n/tmp\n/cache\n"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    YAML().dump(_DVC, root / "dvc.yaml")
    (root / "profiles").mkdir()
    params = short_params(Path("unused"), Path("unused"))
    for name in ("params.yaml", "profiles/toy.yaml"):
        YAML().dump(params, root / name)
    git(root, "init", "--quiet", "--initial-branch", "main")
    commit(root)
    return root


def commit(root: Path) -> None:
    """Commit all that is new."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "as it is")


def set_seed(root: Path, seed: int, **others: Any) -> None:
    """Set the seed in params.yaml, and values of other sections' keys."""
    params = YAML(typ="safe").load(root / "params.yaml")
    params["train"]["seed"] = seed
    for section, values in others.items():
        params[section] |= values
    YAML().dump(params, root / "params.yaml")


def seed_of(root: Path) -> int:
    """What params.yaml has."""
    return int(YAML(typ="safe").load(root / "params.yaml")["train"]["seed"])


def run_small(root: Path, seed: int) -> None:
    """Run the stages with that seed."""
    set_seed(root, seed)
    dvc(root, "repro", "--quiet")


def save_small(root: Path, seed: int, when: Any, name: str = "toy") -> str:
    """Run the stages with that seed, and save the run; its name."""
    run_small(root, seed)
    saved = save_run(root, name, when)
    assert saved is not None
    return saved


def model_of(root: Path) -> str:
    """Of what evaluate has judged last: the hash, which ends with the seed."""
    metrics = json.loads((root / "outputs/evaluate/metrics.json").read_text())
    return str(metrics["model_sha256"])


def looks(registry: Registry) -> list[str]:
    """The models whose looks are on record, oldest first, by their seed."""
    file = registry.root / "looks.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line)["model_sha256"].lstrip("0") for line in lines]
