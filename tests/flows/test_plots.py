"""The pages of `dvc plots` open without a network."""

import json
import re
from pathlib import Path

import pytest

from flows.git import git
from flows.plots import bring_library
from flows.worktrees import prepare_worktree
from tests.commands import dvc
from tests.flows.small import commit


@pytest.mark.parametrize("where", [".", "runs/toy"])
def test_a_page_of_plots_holds_what_draws_it(small: Path, where: str) -> None:
    losses = [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.4}]
    (small / "curve.json").write_text(json.dumps(losses))
    git(small, "add", "curve.json")
    commit(small)
    bring_library(small)
    prepare_worktree(small, small / "runs/toy")
    folder = small / where
    (folder / "curve.json").write_text(json.dumps(losses[:1]))
    dvc(folder, "plots", "diff", "HEAD", "--targets", "curve.json", "-x", "epoch", "-y", "loss")
    page = (folder / "dvc_plots/index.html").read_text()
    assert "window.vegaEmbed=" in page
    assert "vegaEmbed('#curve_json'" in page
    assert not re.findall(r"<(?:script|link)[^>]*\s(?:src|href)=", page)
