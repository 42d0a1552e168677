import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import article, search
from smearflow.ground.errors import SmearflowError
from smearflow.pretraining.recipe import EMBEDDED

PROJECT = Path(__file__).parents[2]


def part(seconds: float, *accuracies: float) -> search.Found:
    return {"seconds": seconds, "cpu": 2 * seconds, "memory": 3e9, "accuracies": accuracies}


def test_exploration_counts_and_does_not_count() -> None:
    found = {
        "article-224": part(1200, 0.90, 0.92, 0.94),
        "article-96": part(300, 0.9),
        "explore": part(60),
        "search": part(60, 0.95),
    }
    rows = [line.strip("| ").split(" | ") for line in search.table(found).splitlines()[2:]]
    assert [row[1] for row in rows] == ["20.0", "5.0", "1.0", "2.0"]
    assert [row[4:6] for row in rows[2:]] == [["20.0", "5.0"], ["10.0", "2.5"]]
    assert rows[0][-1] == "0.920 (0.900-0.940)"


def test_a_part_that_was_not_measured_has_no_row() -> None:
    table = search.table({"article-96": part(300, 0.9), "search": part(60, 0.95)})
    assert len(table.splitlines()) == 4


def test_memory_and_processor_time_of_children_count(tmp_path: Path) -> None:
    (tmp_path / "child.py").write_text(
        "import subprocess, sys, time\n"
        "hungry = 'import time; b = bytearray(200_000_000); time.sleep(1.5); sum(range(10**7))'\n"
        "subprocess.run([sys.executable, '-c', hungry], check=True)\n"
    )
    (tmp_path / "broken.py").write_text("raise SystemExit(3)\n")
    spent = search.measured(["child"], tmp_path)
    assert spent.memory > 2e8
    assert 0.1 < spent.cpu < spent.seconds + 5
    with pytest.raises(SmearflowError, match="broken failed"):
        search.measured(["broken"], tmp_path)


@pytest.mark.heavy
def test_the_article_s_script_runs_as_it_stands(tmp_path: Path) -> None:
    draws = np.random.default_rng(1)
    for side in article.Images._fields:
        for label, level in (("Parasitized", 60), ("Uninfected", 190)):
            folder = tmp_path / "images" / side / label
            folder.mkdir(parents=True)
            for number in range(6):
                pixels = draws.integers(level - 20, level + 20, (40, 40, 3)).astype(np.uint8)
                Image.fromarray(pixels).save(folder / f"{number}.png")
    arguments = ["--images", str(tmp_path / "images"), "--module", str(PROJECT / EMBEDDED)]
    arguments += ["--size", "32", "--result", str(tmp_path / "found.json")]
    few = "article.TRIALS, article.EPOCHS, article.SEEDS = 1, 1, (1,)"
    code = f"from benchmarks import article; {few}; article.main()"
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, cwd=PROJECT)
    found = json.loads((tmp_path / "found.json").read_text())
    assert set(found["best"]) == {"units", "dropout", "learning_rate"}
    assert len(found["accuracies"]) == 1
