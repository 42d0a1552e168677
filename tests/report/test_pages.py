from pathlib import Path

import pytest

from smearflow.files import write_json
from smearflow.report.pages import write_report
from tests.report import exploration_files as files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files.write_root(tmp_path)
    for stage in ("train", "evaluate", "monitor"):
        (tmp_path / "outputs" / stage).mkdir()
    return tmp_path


@pytest.mark.parametrize("stand_in", [True, False])
def test_a_stand_in_for_a_window_is_called_one(root: Path, stand_in: bool) -> None:
    score = {"group": "image", "name": "sharpness", "method": "Wasserstein"}
    write_json(
        root / "outputs/monitor/verdict.json",
        {
            "verdict": "stable",
            "alerts": [],
            "window": {"cells": 2580},
            "scores": [score | {"score": 0.1, "limit": 0.2, "drifted": False}],
        },
    )
    page = write_report(root, stand_in=stand_in).read_text()
    assert ("the cells of the held-out test patients stand in for one" in page) is stand_in
    assert ("2,580 cells of the test patients, as a stand-in" in page) is stand_in
    assert ("2,580 incoming cells" in page) is not stand_in
