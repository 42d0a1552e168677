from pathlib import Path
from typing import Any, cast

import pytest

from smearflow.ground.files import read_json_lines
from smearflow.ground.progress import Progress, Status, progress_file, show, status_line
from tests.wording import numbers


def test_each_unit_is_a_line_and_a_status(tmp_path: Path, capsys: Any) -> None:
    file = progress_file(tmp_path, "tune")
    progress = Progress("tune", 3, file)
    progress.finish("sgd -> val_loss 0.2", 1.6, 0.2)
    progress.finish("adam -> diverged", 0.4, None)
    progress.finish("adam -> val_loss 0.1", None, 0.1)
    assert capsys.readouterr().out.splitlines() == [
        "tune 1 of 3: sgd -> val_loss 0.2 (2 s)",
        "tune 2 of 3: adam -> diverged (0 s)",
        "tune 3 of 3: adam -> val_loss 0.1 (kept from before)",
    ]
    statuses = read_json_lines(file)
    assert [status["done"] for status in statuses] == [1, 2, 3]
    assert [status["best"] for status in statuses] == [0.2, 0.2, 0.1]
    assert [status["seconds_left"] for status in statuses] == [0, 0, 0]


def test_nothing_is_known_of_the_time_left_before_something_was_done(tmp_path: Path) -> None:
    progress = Progress("tune", 3, tmp_path / "progress.jsonl")
    progress.finish("kept", None)
    (status,) = read_json_lines(tmp_path / "progress.jsonl")
    assert status["seconds_left"] is None


def status(**values: Any) -> Status:
    usual = Status(stage="tune", done=3, total=12, best=0.14234, seconds_left=130)
    return cast(Status, usual | values)


@pytest.mark.parametrize(
    ("values", "told", "unit"),
    [
        ({}, [3, 12, 0.1423, 2], " min "),
        ({"seconds_left": 42}, [3, 12, 0.1423, 42], " s "),
        ({"best": None, "seconds_left": None}, [3, 12], ""),
    ],
)
def test_a_status_in_words(values: dict[str, Any], told: list[float], unit: str) -> None:
    line = status_line(status(**values))
    assert line.startswith("tune")
    assert numbers(line) == told
    assert unit in line


def test_on_a_terminal_the_status_stays_below_the_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    show("one", status())
    show("two", status(done=12))
    erase = "\r\x1b[K"
    assert capsys.readouterr().out == f"{erase}one\n{status_line(status())}{erase}two\n"
