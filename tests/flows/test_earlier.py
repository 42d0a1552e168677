"""What an earlier version of the project left behind."""

from pathlib import Path

import pytest

from flows import CLONE
from flows.settings import Request
from flows.worktrees import working_folder
from tests.material import PROJECT


def test_workspaces_of_an_earlier_version_are_named_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "params.yaml").write_text((PROJECT / "params.yaml").read_text())
    (tmp_path / "data/incoming").mkdir(parents=True)
    for lines in (0, 1, 0):
        with working_folder(tmp_path, CLONE, Request()) as root:
            assert root == tmp_path
        printed = capsys.readouterr().out.splitlines()
        assert [line.startswith("workspaces/ is of an earlier version: ") for line in printed] == (
            [True] * lines
        )
        (tmp_path / "workspaces/sample").mkdir(parents=True, exist_ok=True)
    assert (tmp_path / "workspaces/sample").is_dir()
