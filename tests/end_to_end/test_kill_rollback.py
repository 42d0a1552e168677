"""`kill -9` of a rollback: one of two models is in use, whole; the command again completes it."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.decisions import decisions, open_registry
from tests.commands import git
from tests.end_to_end.moments import PATH, Moment
from tests.end_to_end.test_kill import complete, kill
from tests.flows.small import run_small, write_small
from tests.release.runs import promote
from tests.stages.project import tree

pytestmark = pytest.mark.slow

PROGRAM = "flows.program rollback"
ROLLBACK = (sys.executable, "-m", "flows.program", "rollback", "--profile", "toy")
MOMENTS = (
    Moment(
        "rollback: the earlier model fetched, nothing decided",
        None,
        "smearflow.release.folder:Release.verify",
        program=PROGRAM,
        when="after",
        left="registry/toy/champion.json",
    ),
    Moment(
        "rollback, writing: half of the decision",
        None,
        f"{PATH}.write_bytes",
        program=PROGRAM,
        about="champion.json",
        when="half written",
        left="registry/toy/champion.json*",
    ),
    Moment(
        "rollback: decided, not yet in the history",
        None,
        "smearflow.ground.files:append_json_line",
        program=PROGRAM,
        about="history.jsonl",
        left="registry/toy/champion.json",
    ),
    Moment(
        "rollback: in the history, not yet committed",
        None,
        "flows.git:git",
        program=PROGRAM,
        about="toy: a rollback",
        left="registry/toy/history.jsonl",
    ),
)


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_a_killed_rollback(moment: Moment, tmp_path: Path) -> None:
    root = write_small(tmp_path / "clone")
    ids = []
    for seed in (1, 2):
        run_small(root, seed)
        with decisions(root, "a promotion") as registry:
            champion = promote(registry, "toy", root, "tried", datetime.now(UTC))
        ids.append(champion.model_id)
    models = root / "registry/toy/models"
    before = [tree(models / each) for each in ids]
    kill(moment, ROLLBACK, root, tmp_path)
    registry = open_registry(root)
    found = registry.champion("toy")
    assert found is not None
    if found.model_id == ids[1]:
        complete(ROLLBACK, root, tmp_path)
    found = open_registry(root).champion("toy")
    assert found is not None
    assert found.model_id == ids[0]
    assert [tree(models / each) for each in ids] == before
    events = [line["event"] for line in registry.history("toy")]
    assert events == ["promoted", "promoted", "rolled back"]
    assert git(root / "registry", "status", "--porcelain") == ""
