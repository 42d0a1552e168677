import fcntl
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import append_json_line
from smearflow.release.registry import Decided, Registry
from tests.release.runs import finished_run, promote, roll_back
from tests.stages.project import tree

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
    first = promote(registry, "nih", finished_run(tmp_path / "a", "first"), "the first", WHEN)
    second = promote(registry, "nih", finished_run(tmp_path / "b", "second"), "better", WHEN)
    assert registry.champion("nih") == second
    assert second.look.model_sha256 == "second"
    assert (second.export / "edge.json").exists()
    assert (second.export / "self_test/1.png").read_text() == "second"
    assert (second.baseline / "baseline.json").exists()
    assert (second.folder / "params.yaml").exists()
    assert registry.champion("sample") is None
    assert roll_back(registry, "nih", "it was not", WHEN) == first
    assert registry.champion("nih") == first
    assert first.look.model_sha256 == "first"
    events = [(line["event"], line["model_id"]) for line in registry.history("nih")]
    assert events == [
        ("promoted", first.model_id),
        ("promoted", second.model_id),
        ("rolled back", first.model_id),
    ]
    with pytest.raises(SmearflowError, match="no earlier champion"):
        roll_back(registry, "nih", "again", WHEN)


def test_promoting_the_champion_again_changes_nothing(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    run = finished_run(tmp_path / "a", "first")
    assert promote(registry, "nih", run, "x", WHEN) == promote(registry, "nih", run, "y", WHEN)
    assert len(registry.history("nih")) == 1


def test_a_former_champion_can_come_back(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    first = promote(registry, "nih", finished_run(tmp_path / "a", "first"), "x", WHEN)
    second = promote(registry, "nih", finished_run(tmp_path / "b", "second"), "y", WHEN)
    assert promote(registry, "nih", tmp_path / "a", "z", WHEN).model_id == first.model_id
    assert roll_back(registry, "nih", "back", WHEN) == second


def test_a_run_without_a_baseline_is_not_promoted(tmp_path: Path) -> None:
    (tmp_path / "outputs" / "export").mkdir(parents=True)
    with pytest.raises(SmearflowError, match="has no outputs/baseline"):
        promote(Registry(tmp_path / "registry"), "nih", tmp_path, "x", WHEN)


@pytest.mark.parametrize(
    "killed_in",
    [
        "shutil.copyfile",
        "smearflow.release.folder.write_checksums",
        "smearflow.release.folder.place_folder",
        "smearflow.release.registry.write_json",
        "smearflow.release.registry.append_json_line",
    ],
)
def test_an_interrupted_promotion_leaves_a_whole_champion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    registry = Registry(tmp_path / "registry")
    first = promote(registry, "nih", finished_run(tmp_path / "a", "first"), "the first", WHEN)
    run = finished_run(tmp_path / "b", "second")

    def kill(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(killed_in, kill)
        with pytest.raises(KeyboardInterrupt):
            promote(registry, "nih", run, "better", WHEN)
    champion = registry.champion("nih")
    assert champion is not None
    # before the line is appended champion.json was replaced
    expected = "second" if killed_in.endswith("append_json_line") else "first"
    assert champion.look.model_sha256 == expected
    assert (champion.export / "edge.json").exists()
    second = promote(registry, "nih", run, "better", WHEN)
    assert second.look.model_sha256 == "second"
    promoted = [first.model_id, second.model_id]
    assert [line["model_id"] for line in registry.history("nih")] == promoted
    roll_back(registry, "nih", "it was not", WHEN)
    lines = (tmp_path / "registry/nih/history.jsonl").read_text().splitlines()
    assert [json.loads(line)["model_id"] for line in lines] == [*promoted, first.model_id]


def test_a_rollback_goes_to_any_earlier_release(tmp_path: Path) -> None:
    """Byte for byte; what it goes back from is no floor any more, and can be gone back to."""
    registry = Registry(tmp_path / "registry")
    ids, before = [], []
    for name in ("a", "b", "c"):
        champion = promote(registry, "nih", finished_run(tmp_path / name, name), name, WHEN)
        ids.append(champion.model_id)
        before.append(tree(champion.folder))
    assert roll_back(registry, "nih", "far", WHEN, ids[0]).model_id == ids[0]
    assert [each.model_id for each in registry.champions("nih")] == ids[:1]
    assert tree(registry.root / "nih/models" / ids[0]) == before[0]
    assert roll_back(registry, "nih", "it was better", WHEN, ids[2]).model_id == ids[2]
    assert [each.model_id for each in registry.champions("nih")] == [ids[0], ids[2]]
    assert [tree(registry.release("nih", each).folder) for each in ids] == before
    for model_id in (ids[2], "nobody"):  # the one in use; one that never was
        with pytest.raises(SmearflowError, match="in use at no earlier time"):
            registry.earlier("nih", model_id)


def test_a_rejected_challenger_is_kept_with_its_reasons(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    first = promote(registry, "nih", finished_run(tmp_path / "a", "first"), "x", WHEN)
    worse = registry.keep("nih", finished_run(tmp_path / "b", "worse"))
    decided = Decided("rejected", worse.model_id, "worse", "Ada", WHEN, {"figures": [0.5]})
    registry.decide("nih", decided, first.model_id)
    assert registry.champion("nih") == first
    assert worse.look.model_sha256 == "worse"
    line = registry.history("nih")[-1]
    assert line == {
        "event": "rejected",
        "model_id": worse.model_id,
        "reason": "worse",
        "by": "Ada",
        "when": WHEN.isoformat(),
        "figures": [0.5],
        "instead_of": first.model_id,
    }
    with pytest.raises(SmearflowError, match="in use at no earlier time"):
        registry.earlier("nih", worse.model_id)


def test_a_decision_about_another_model_in_use_does_not_count(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    first = promote(registry, "nih", finished_run(tmp_path / "a", "first"), "x", WHEN)
    second = promote(registry, "nih", finished_run(tmp_path / "b", "second"), "y", WHEN)
    third = registry.keep("nih", finished_run(tmp_path / "c", "third"))
    decided = Decided("promoted", third.model_id, "better than the first", "Ada", WHEN)
    with pytest.raises(SmearflowError, match=f"judged against {first.model_id}; challenge"):
        registry.decide("nih", decided, first.model_id)
    assert registry.champion("nih") == second


def test_what_an_earlier_version_decided_is_read(tmp_path: Path) -> None:
    """Its champions have no checksums, its history neither `by` nor `instead_of`."""
    registry = Registry(tmp_path)
    entry = {"model_id": "old", "reason": "the first", "promoted_at": WHEN.isoformat()}
    line = {"event": "promoted", "model_id": "old", "when": WHEN.isoformat(), "reason": "the first"}
    place = tmp_path / "nih"
    place.mkdir()
    (place / "champion.json").write_text(json.dumps({"champions": [entry], "decision": line}))
    append_json_line(place / "history.jsonl", line)
    shutil.copytree(Path(__file__).parent / "champions/version_0", place / "models/old")
    old = registry.champion("nih")
    assert old is not None
    old.verify()
    assert old.card.version == 0
    new = promote(registry, "nih", finished_run(tmp_path / "b", "new"), "better", WHEN)
    assert [each.model_id for each in registry.champions("nih")] == ["old", new.model_id]
    assert roll_back(registry, "nih", "back", WHEN) == old
