from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.edge import measure, take_turns
from benchmarks.edge_files import WRITERS
from benchmarks.edge_forms import FORMS, Form
from tests.stages.trained import make_trained_project


def test_each_form_has_a_writer() -> None:
    assert {kind.file for kind in FORMS.values()} == set(WRITERS)


def test_forms_take_turns() -> None:
    order: list[str] = []
    cells = np.zeros((2, 4, 4, 3), np.uint8)

    def form(name: str) -> Form:
        def one(_: Any) -> float:
            order.append(name)
            return 0.5

        return Form(one)

    forms = {name: form(name) for name in ("one", "other")}
    speeds = take_turns(forms, cells, 10)
    turns = {tuple(order[start : start + 4]) for start in range(0, len(order), 4)}
    assert turns == {("one", "one", "other", "other"), ("other", "other", "one", "one")}
    assert len(order) == 4 * 11
    assert all(0 <= speed.p50 <= speed.p95 for speed in speeds.values())


@pytest.mark.heavy
def test_table_has_a_row_per_form(
    hub_module: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    some = ("LiteRT float32", "LiteRT float32 of uint8", "Keras tf.function")
    monkeypatch.setattr("benchmarks.edge.FORMS", {name: FORMS[name] for name in some})
    root = make_trained_project(tmp_path / "project", hub_module)
    measure(root, cells=20, rounds=10)
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line[:1] == "|"]
    assert [row[0] for row in rows[2:]] == [f"| {name}" for name in some]
    sizes, right = ([row[at] for row in rows[2:]] for at in (1, 6))
    assert float(sizes[0]) > 0
    assert len(set(right)) == 1  # nothing is rounded in these
    memory = [float(row[5]) for row in rows[2:]]
    assert memory[0] < memory[2]  # without TensorFlow
