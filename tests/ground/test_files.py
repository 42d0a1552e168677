from pathlib import Path

import pytest

from smearflow.ground.files import tree_sha256, write_bytes, write_json


def test_a_failed_write_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"b": 1, "a": 2})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": float("nan")})
    assert path.read_text() == '{\n  "a": 2,\n  "b": 1\n}\n'
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_a_tree_hash_sees_names_and_contents_but_not_the_order(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    write_bytes(first, b"one")
    write_bytes(second, b"two")
    before = tree_sha256(tmp_path, [first, second])
    assert before == tree_sha256(tmp_path, [second, first])
    write_bytes(second, b"too")
    changed = tree_sha256(tmp_path, [first, second])
    second.rename(tmp_path / "3")
    renamed = tree_sha256(tmp_path, [first, tmp_path / "3"])
    assert len({before, changed, renamed}) == 3
