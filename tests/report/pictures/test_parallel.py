import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from smearflow.experiments.plan import varied_fields
from smearflow.report.pictures.parallel import write_parallel
from tests.analysis import exploration_material as material


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("parallel") / "parallel.html"
    write_parallel(file, material.runs(), varied_fields(material.experiments()))
    return file.read_text()


@pytest.fixture(scope="module")
def trace(page: str) -> dict[str, Any]:
    start = re.search(r'Plotly\.newPlot\(\s*"runs",\s*', page)
    assert start
    found: dict[str, Any] = json.JSONDecoder().raw_decode(page, start.end())[0][0]
    return found


def axis(trace: dict[str, Any], label: str) -> dict[str, Any]:
    (found,) = (each for each in trace["dimensions"] if each["label"] == label)
    return dict(found)


def test_it_needs_no_network(page: str) -> None:
    assert "plotly.js v" in page
    assert not re.search(r"<(script|link)[^>]+(src|href)=", page)


def test_a_line_per_trained_run_and_an_axis_per_varied_field(trace: dict[str, Any]) -> None:
    trained = [run for run in material.runs() if run.status == "completed"]
    names = [name.replace("_", " ") for name in varied_fields(material.experiments())]
    assert [each["label"] for each in trace["dimensions"]] == [*names, "validation loss"]
    assert {len(each["values"]) for each in trace["dimensions"]} == {len(trained)}
    assert trace["line"]["color"] == axis(trace, "validation loss")["values"]
    losses = [10**value for value in axis(trace, "validation loss")["values"]]
    assert losses == pytest.approx([run.loss for run in trained])


def test_rates_are_on_a_logarithmic_scale_with_true_labels(trace: dict[str, Any]) -> None:
    rates = axis(trace, "learning rate")
    assert {"0.001", "0.01"} <= set(rates["ticktext"])
    true = [math.log10(float(text)) for text in rates["ticktext"]]
    assert rates["tickvals"] == pytest.approx(true)
    assert axis(trace, "weight decay")["ticktext"][0] == "0"
    assert "ticktext" not in axis(trace, "dropout")


@pytest.mark.parametrize(
    ("label", "choices"),
    [
        ("augment", ["no", "yes"]),
        ("gradient clip", ["1.0", "none"]),
        ("trainable", ["all", "frozen"]),
    ],
)
def test_choices_are_labelled(trace: dict[str, Any], label: str, choices: list[str]) -> None:
    found = axis(trace, label)
    assert found["ticktext"] == choices
    assert set(found["values"]) == set(found["tickvals"]) == set(range(len(choices)))


def test_what_is_the_same_everywhere_has_no_axis(tmp_path: Path) -> None:
    write_parallel(tmp_path / "p.html", material.runs(), ["learning_rate", "batch_size"])
    page = (tmp_path / "p.html").read_text()
    assert '"label":"learning rate"' in page
    assert "batch size" not in page


def test_the_same_runs_give_the_same_bytes(page: str, tmp_path: Path) -> None:
    write_parallel(tmp_path / "p.html", material.runs(), varied_fields(material.experiments()))
    assert (tmp_path / "p.html").read_text() == page
