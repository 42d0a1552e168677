import fcntl
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import append_json_line
from smearflow.release.registry import Registry
from tests.release.runs import finished_run

WHEN = datetime(2030, 5, 1, 12, tzinfo=UTC)


def test_looks_are_counted_per_test_set_and_model(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    looks = [("t1", "m1"), ("t1", "m2"), ("t1", "m1"), ("t2", "m1"), ("t1", "m3"), ("t1", "m2")]
    numbers = [registry.note_look(test, model, WHEN, profile="nih") for test, model in looks]
    assert numbers == [1, 2, 1, 1, 3, 2]
    lines = (tmp_path / "looks.jsonl").read_text().splitlines()
    assert [json.loads(line)["model_sha256"] for line in lines] == ["m1", "m2", "m1", "m3"]
    assert json.loads(lines[0])["profile"] == "nih"


def test_half_a_line_left_by_a_kill_is_dropped(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.note_look("t1", "m1", WHEN)
    with (tmp_path / "looks.jsonl").open("a") as stream:
        stream.write('{"test_sha256": "t1", "mod')
    assert registry.note_look("t1", "m2", WHEN) == 2
    assert len((tmp_path / "looks.jsonl").read_text().splitlines()) == 2


def test_one_process_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked_out(file: Path, record: dict[str, Any]) -> None:
        # a lock belongs to an open file, so a second one here is as good as a second process
        with (tmp_path / ".lock").open("w") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        append_json_line(file, record)

    monkeypatch.setattr("smearflow.release.registry.append_json_line", locked_out)
    assert Registry(tmp_path).note_look("t1", "m1", WHEN) == 1
    assert Registry(tmp_path).note_look("t1", "m2", WHEN) == 2


def test_promote_and_roll_back(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    assert registry.champion("nih") is None
    first = registry.promote("nih", finished_run(tmp_path / "a", "first"), "the first", WHEN)
    second = registry.promote("nih", finished_run(tmp_path / "b", "second"), "better", WHEN)
    assert registry.champion("nih") == second
    assert second.look.model_sha256 == "second"
    assert (second.export / "edge.json").exists()
    assert (second.export / "self_test/1.png").read_text() == "second"
    assert (second.baseline / "baseline.json").exists()
    assert (second.folder / "params.yaml").exists()
    assert registry.champion("sample") is None
    assert registry.rollback("nih", "it was not", WHEN) == first
    assert registry.champion("nih") == first
    assert first.look.model_sha256 == "first"
    events = [(line["event"], line["model_id"]) for line in registry.history("nih")]
    assert events == [
        ("promoted", first.model_id),
        ("promoted", second.model_id),
        ("rolled back", first.model_id),
    ]
    with pytest.raises(SmearflowError, match="no earlier champion"):
        registry.rollback("nih", "again", WHEN)


def test_promoting_the_champion_again_changes_nothing(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    run = finished_run(tmp_path / "a", "first")
    assert registry.promote("nih", run, "x", WHEN) == registry.promote("nih", run, "y", WHEN)
    assert len(registry.history("nih")) == 1


def test_a_former_champion_can_come_back(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    first = registry.promote("nih", finished_run(tmp_path / "a", "first"), "x", WHEN)
    second = registry.promote("nih", finished_run(tmp_path / "b", "second"), "y", WHEN)
    assert registry.promote("nih", tmp_path / "a", "z", WHEN).model_id == first.model_id
    assert registry.rollback("nih", "back", WHEN) == second


def test_a_run_without_a_baseline_is_not_promoted(tmp_path: Path) -> None:
    (tmp_path / "outputs" / "export").mkdir(parents=True)
    with pytest.raises(SmearflowError, match="has no outputs/baseline"):
        Registry(tmp_path / "registry").promote("nih", tmp_path, "x", WHEN)


@pytest.mark.parametrize("killed_in", ["shutil.copyfile", "write_json", "append_json_line"])
def test_an_interrupted_promotion_leaves_a_whole_champion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    registry = Registry(tmp_path / "registry")
    first = registry.promote("nih", finished_run(tmp_path / "a", "first"), "the first", WHEN)
    run = finished_run(tmp_path / "b", "second")

    def kill(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"smearflow.release.registry.{killed_in}", kill)
        with pytest.raises(KeyboardInterrupt):
            registry.promote("nih", run, "better", WHEN)
    champion = registry.champion("nih")
    assert champion is not None
    # before the line is appended champion.json was replaced
    expected = "second" if killed_in == "append_json_line" else "first"
    assert champion.look.model_sha256 == expected
    assert (champion.export / "edge.json").exists()
    second = registry.promote("nih", run, "better", WHEN)
    assert second.look.model_sha256 == "second"
    promoted = [first.model_id, second.model_id]
    assert [line["model_id"] for line in registry.history("nih")] == promoted
    registry.rollback("nih", "it was not", WHEN)
    lines = (tmp_path / "registry/nih/history.jsonl").read_text().splitlines()
    assert [json.loads(line)["model_id"] for line in lines] == [*promoted, first.model_id]
