"""A small exploration as its stages leave it: two experiments, four runs, an analysis."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from ruamel.yaml import YAML

from smearflow.ground.files import write_json
from smearflow.params.explore import Experiment, Explore
from smearflow.params.model import Configuration
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.analysis.evidence import LowestLoss, NoEffect, Unsure
from smearflow.records.analysis.narrowing import (
    Dropped,
    Narrowing,
    SearchedChoice,
    SearchedInterval,
)
from smearflow.records.exploration import RunRecord, Runs
from smearflow.report.exploration.exploration import Exploration
from smearflow.report.results import PAGES, PICTURES
from tests.material import PROJECT

EXPERIMENTS: list[dict[str, Any]] = [
    {
        "name": "optimizer",
        "scientific": {"optimizer": ["adam", "sgd"]},
        "nuisance": {"learning_rate": {"low": 0.0001, "high": 0.01, "sampling": "log"}},
        "fixed": {"epochs": 2},
        "seeds": [1, 2],
        "budget": 4,
        "train_fraction": 0.3,
    },
    {
        "name": "removal",
        "ablations": {"without symmetries": {"augment": False}},
        "seeds": [1],
        "budget": 2,
        "train_fraction": 0.3,
    },
]

WORDS: dict[str, Any] = {
    "optimizer": {
        "question": "Which optimizer learns best?",
        "because": {"epochs": "it is <quick>"},
    },
    "removal": {"question": "Can symmetries go?"},
}

SECONDS = {"a1": 4.0, "a2": 8.0, "s1": 8.0, "s2": 5.0}

DRAWN = (
    "axes",
    "curves_optimizer",
    "curves_removal",
    "gradients",
    "importance",
    "interactions",
    "isolation_optimizer",
    "isolation_removal",
    "weights_best",
    "weights_wildest",
)


def asked() -> Explore:
    return Explore.model_validate({"experiments": EXPERIMENTS, "words": WORDS})


def experiments() -> Sequence[Experiment]:
    return asked().experiments


def runs() -> list[RunRecord]:
    """Two of adam, of two epochs, and two of sgd, one of which diverged in its first."""
    return [
        _run("a1", "adam", 1, [0.4, 0.2]),
        _run("a2", "adam", 2, [0.3, 0.22]),
        _run("s1", "sgd", 1, [0.5, 0.3]),
        _run("s2", "sgd", 2, [None]),
    ]


def _run(name: str, optimizer: str, seed: int, losses: list[float | None]) -> RunRecord:
    settings = {"optimizer": optimizer, "gradient_clip": 1.0 if seed == 2 else None}
    trained = losses[-1] is not None
    return RunRecord(
        id=name,
        experiments=("optimizer",),
        configuration=Configuration.model_validate(settings),
        seed=seed,
        status="completed" if trained else "diverged",
        best_epoch=len(losses) if trained else None,
        val_loss=losses[-1],
        val_accuracy=0.9 if trained else None,
        steps=7 * len(losses),
        curve={"loss": losses, "val_loss": losses, "gradient_norm": losses},
        weight_change={"hidden kernel": 0.0512 if trained else None},
    )


def analysis() -> Analysis:
    return Analysis.model_validate(parts())


def parts() -> dict[str, Any]:
    """What `analysis` is made of."""
    return {
        "runs": 4,
        "planned": 4,
        "diverged": 1,
        "labels": {
            "a1": "healthy",
            "a2": "overfitting from epoch 2",
            "s1": "overfitting from epoch 3",
            "s2": "diverged",
        },
        "failed": {"runs": 1, "lowest_rate": 0.0002},
        "final_epochs": 20,
        "modelled": True,
        "comparisons": [_comparison("optimizer"), _comparison("removal")],
        "importance": {
            "parameters": [
                _importance("learning_rate", 0.46, 0.001),
                _importance("gradient_clip", 0.0, 0.4),
            ],
            "noise": 0.07,
            "explained": 0.81,
        },
        "interactions": {
            "pairs": [
                {"parameters": ["learning_rate", "optimizer"], "p": 0.0004, "found": True},
                {"parameters": ["learning_rate", "gradient_clip"], "p": 0.41, "found": False},
            ],
        },
        "bounds": {
            "parameters": [
                {
                    "name": "learning_rate",
                    "searched": [0.0001, 0.01],
                    "sampling": "log",
                    "good": [0.0004, 0.003],
                    "best": 0.0012,
                    "moved": "up",
                    "evidence": [{"reason": "lowest_loss", "value": 0.0012, "times": None}],
                }
            ],
        },
        "removable": {
            "rows": [
                {
                    "experiment": "removal",
                    "name": "without symmetries",
                    "difference": -0.012,
                    "needed": None,
                    "n": 1,
                    "exercised": True,
                    "matters": [],
                    "removable": None,
                }
            ],
        },
        "overfitting": {
            "completed": 3,
            "overfitted": 2,
            "share": 2 / 3,
            "gap": 0.03,
            "regularisers": [
                {"name": "dropout", "effect": -0.08, "low": -0.12, "high": -0.03, "helps": True}
            ],
        },
        "gradients": {
            "exploded": 1,
            "diverged": 1,
            "stagnated": 0,
            "lowest_rate": 0.0002,
            "moved": {"hidden kernel": 0.0512},
            "rows": [_gradients("s2", None), _gradients("a1", 12.34)],
        },
        "convergence": {
            "lowest": 0.2,
            "reached": 2,
            "as_early": 1,
            "rows": [
                _converged("adam", ["a1", "a2"], 2, 0.01),
                _converged("sgd", ["s1"], 1, None),
            ],
        },
        "verdicts": [
            {"name": "optimizer", "found": "unknown", "doubt": "contradicted"},
            {"name": "learning_rate", "found": "effect"},
            {"name": "dropout", "found": "effect", "late": True},
            {"name": "gradient_clip", "found": "none"},
            {"name": "augment", "found": "unknown", "doubt": "short_runs", "late": True},
        ],
    }


def _comparison(name: str) -> dict[str, Any]:
    accuracy = {"mean": 0.9, "std": 0.01}
    return {
        "name": name,
        "planned": 4,
        "runs": 4,
        "rows": [
            {
                "name": "adam",
                "settings": {"optimizer": "adam"},
                "nuisance": {"learning_rate": 0.0012},
                "n": 2,
                "diverged": 0,
                "val_loss": {"mean": 0.21, "std": 0.0141},
                "val_accuracy": accuracy,
                "runs": ["a1", "a2"],
            },
            {
                "name": "sgd",
                "settings": {"optimizer": "sgd"},
                "nuisance": {},
                "n": 0,
                "diverged": 2,
                "val_loss": {"mean": None, "std": None},
                "val_accuracy": {"mean": None, "std": None},
                "runs": ["s1", "s2"],
            },
        ],
    }


def _importance(name: str, share: float, p: float) -> dict[str, Any]:
    spread = {"low": share / 2, "high": share + 0.1, "first": share}
    return {"name": name, "share": share, "p": p, "differs": False} | spread


def _gradients(run: str, norm: float | None) -> dict[str, Any]:
    record = next(each for each in runs() if each.id == run)
    return {
        "run": run,
        "settings": {"learning_rate": 0.0012},
        "label": "diverged" if run == "s2" else "healthy",
        "gradient_norm": norm,
        "weight_change": record.weight_change,
    }


def _converged(optimizer: str, names: list[str], epochs: int, std: float | None) -> dict[str, Any]:
    settings = {"learning_rate": 0.0002, "optimizer": optimizer, "gradient_clip": None}
    loss = {"val_loss": 0.21, "std": std, "n": len(names)}
    return {"settings": settings, "epochs": epochs, "runs": names} | loss


def narrowing() -> Narrowing:
    return Narrowing(
        parameters={
            "learning_rate": SearchedInterval(
                kind="float",
                low=0.0004,
                high=0.003,
                sampling="log",
                evidence=(LowestLoss(value=0.0012, times=1.5),),
            ),
            "augment": SearchedChoice(values=(True, False), evidence=(Unsure(),)),
        },
        fixed={"gradient_clip": None},
        dropped={"gradient_clip": Dropped(value=None, evidence=(NoEffect(),))},
    )


def exploration() -> Exploration:
    return Exploration(asked(), runs(), analysis(), narrowing(), SECONDS)


def write_root(root: Path) -> Path:
    """Write parameters, results and pictures of a run; returns its folder of pictures."""
    params = YAML(typ="safe").load(PROJECT / "params.yaml")
    params["explore"] = {"experiments": EXPERIMENTS, "words": WORDS}
    YAML(typ="safe").dump(params, root / "params.yaml")
    pictures = root / PAGES / PICTURES / "explore"
    for folder in ("outputs/explore", "outputs/analyse", "reports/explore", pictures):
        (root / folder).mkdir(parents=True)
    for record in (Runs(runs=tuple(runs())), analysis(), narrowing()):
        record.write(record.path(root).parent)
    write_json(root / "reports/explore/run_seconds.json", SECONDS)
    for number, name in enumerate(DRAWN):
        Image.new("RGB", (2, 2), (number, 0, 0)).save(pictures / f"{name}.png")
    return pictures.parent
