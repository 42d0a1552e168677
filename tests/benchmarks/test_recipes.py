from pathlib import Path
from typing import Any

import pytest

from benchmarks import recipes
from smearflow.params.model import Setting


def test_each_recipe_and_seed_is_trained_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    trained: list[tuple[Setting, int]] = []

    def train(run: Path, changes: Setting, seed: int) -> dict[str, object]:
        trained.append((changes, seed))
        return {"figures": dict.fromkeys(recipes.FIGURES, 0.9 + seed / 100), "run": str(run)}

    monkeypatch.setattr(recipes, "train_recipe", train)
    monkeypatch.setattr(recipes, "one_thread", lambda: None)
    arguments = ["--run", "a run", "--results", str(tmp_path / "new/folder"), "--recipe", "plain"]
    arguments += ["{}", "--recipe", "cosine", '{"schedule": "cosine"}']
    for _ in range(2):
        recipes.main(arguments)
    assert trained == [
        ({}, 1),
        ({"schedule": "cosine"}, 1),
        ({}, 2),
        ({"schedule": "cosine"}, 2),
    ]
    first, second = capsys.readouterr().out.strip().split("\n| recipe")
    assert first.removeprefix("| recipe") == second
    assert second.count("0.9150 (0.9100-0.9200)") == 2 * len(recipes.FIGURES)
