"""A record is read as it was written, and nothing that is no such record is."""

import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.ground.record import Part, Record


class Point(Part):
    """A place on a line, in metres."""

    metres: float


class Toy(Record):
    """Two points."""

    STAGE, NAME = "toy", "toy.json"
    VERSION: ClassVar[int] = 2

    points: tuple[Point, ...]
    best: Point | None = None


TOY = Toy(points=(Point(metres=0.1), Point(metres=2)))


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert Toy.read_if_there(tmp_path) is None
    Toy.path(tmp_path).parent.mkdir(parents=True)
    TOY.write(Toy.path(tmp_path).parent)
    assert Toy.read(tmp_path) == Toy.read_if_there(tmp_path) == TOY
    assert json.loads((tmp_path / "outputs/toy/toy.json").read_text()) == {
        "version": 2,
        "points": [{"metres": 0.1}, {"metres": 2.0}],
        "best": None,
    }


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (None, "missing"),
        ('{"version": 2, "poi', "not whole"),
        ("[]", "not whole"),
        ({"points": []}, "version None"),
        ({"version": 1, "points": []}, "version 1"),
        ({"version": 2}, "points"),
        ({"version": 2, "points": [{"metres": "far"}]}, "points.0.metres"),
        ({"version": 2, "points": [], "more": 1}, "more"),
    ],
)
def test_what_is_no_such_record_is_named(tmp_path: Path, content: Any, named: str) -> None:
    file = tmp_path / Toy.NAME
    if content is not None:
        file.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(SmearflowError) as raised:
        Toy.read_from(tmp_path)
    assert str(file) in raised.value.problem
    assert named in raised.value.problem
    assert raised.value.action == "run its stage again: dvc repro toy"
