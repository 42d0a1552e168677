from pathlib import Path

import pandas as pd
import pytest

from benchmarks.loop import answer, row
from smearflow.sample.writing import write_batch, write_sample
from tests.material import short_params
from tests.stages.project import make_project


def test_people_answer_what_was_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a sample the folders tell; its few wrong labels are the renderer's, too."""
    settings = short_params(tmp_path, tmp_path)
    monkeypatch.chdir(make_project(tmp_path / "clone", settings))
    seed = settings["ingest"]["sources"][0].get("seed", 1)
    write_sample(tmp_path / "cells", ("Uninfected", "Parasitized"), patients=4, cells=40, seed=seed)
    files = sorted((tmp_path / "cells").glob("*/*.png"))
    table = tmp_path / "labels.csv"
    names = [f"{number:03d}/{file.name}" for number, file in enumerate(files)]
    pd.DataFrame({"file": names, "label": "", "reviewer": ""}).to_csv(table, index=False)
    answer(table, "plain")
    told = pd.read_csv(table)
    agreed = sum(
        label == file.parent.name for label, file in zip(told["label"], files, strict=True)
    )
    assert agreed >= 38
    assert set(told["label"]) == {"Uninfected", "Parasitized"}


def test_cells_of_a_batch_are_known_by_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(make_project(tmp_path / "clone", short_params(tmp_path, tmp_path)))
    write_batch(tmp_path / "batch", "stain", 9, patients=2, cells=20)
    table = tmp_path / "labels.csv"
    files = [f"001/{file.name}" for file in (tmp_path / "batch").iterdir()]
    pd.DataFrame({"file": files, "label": ""}).to_csv(table, index=False)
    answer(table, "stain")
    assert set(pd.read_csv(table)["label"]) == {"Uninfected", "Parasitized"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  verdict  drift\n  window   60 cells\n           more", "drift"),
        ("  a  b\n  verdict  it is\n           drift\n\n  look at  it", "it is drift"),
        ("no retraining: nothing is new\n", "no retraining: nothing is new"),
    ],
)
def test_a_row_is_found_in_what_a_verb_prints(text: str, expected: str) -> None:
    assert row(text, "verdict") == expected
