"""The page of parallel coordinates: what its script is given to draw."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from smearflow.experiments.plan import varied_fields
from smearflow.report.exploration.parallel_coordinates import LOSS, write_parallel
from tests.analysis import exploration_material as material

TRAINED = [run for run in material.runs() if run.status == "completed"]


def write(folder: Path, varied: list[str]) -> str:
    write_parallel(folder / "parallel.html", material.runs(), varied)
    return (folder / "parallel.html").read_text()


def drawn(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', page)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("parallel"), varied_fields(material.experiments()))


def axis(page: str, name: str) -> dict[str, Any]:
    (found,) = (each for each in drawn(page)["axes"] if each["name"] == name)
    return dict(found)


def test_it_is_small_and_needs_no_network(page: str) -> None:
    assert len(page) < 2e6
    assert not re.search(r"<(script|link)[^>]+(src|href)=", page)
    assert "http" not in page


def test_a_line_per_trained_run_and_an_axis_per_varied_field(page: str) -> None:
    names = [name.replace("_", " ") for name in varied_fields(material.experiments())]
    data = drawn(page)
    assert [each["name"] for each in data["axes"]] == [*names, LOSS]
    for each in data["axes"]:
        assert len(each["places"]) == len(each["texts"]) == len(TRAINED)
        assert {0, 1} <= set(each["places"])
        assert all(0 <= place <= 1 for place in each["places"])
        assert all(0 <= place <= 1 for place, _ in each["ticks"])
    assert data["seeds"] == [run.seed for run in TRAINED]


def test_the_losses_are_told_and_the_lowest_is_darkest(page: str) -> None:
    losses = axis(page, LOSS)
    assert [float(text) for text in losses["texts"]] == pytest.approx(
        [run.loss for run in TRAINED], abs=1e-4
    )
    assert losses["places"].index(0) == min(range(len(TRAINED)), key=lambda i: TRAINED[i].loss)
    light = [sum(bytes.fromhex(colour[1:])) for colour in drawn(page)["colours"]]
    assert light.index(min(light)) == losses["places"].index(0)
    assert light.index(max(light)) == losses["places"].index(1)


def test_rates_are_on_a_logarithmic_scale_with_true_labels(page: str) -> None:
    rates = [run.configuration.learning_rate for run in TRAINED]
    low, high = math.log10(min(rates)), math.log10(max(rates))
    found = axis(page, "learning rate")
    assert {"0.001", "0.01"} <= {text for _, text in found["ticks"]}
    for place, text in found["ticks"]:
        assert place == pytest.approx((math.log10(float(text)) - low) / (high - low), abs=1e-3)
    assert axis(page, "weight decay")["ticks"][0] == [0, "0"]


def test_other_numbers_are_on_a_linear_scale(page: str) -> None:
    values = [run.configuration.dropout for run in TRAINED]
    found = axis(page, "dropout")
    assert len(found["ticks"]) > 2
    for place, text in found["ticks"]:
        assert place == pytest.approx(
            (float(text) - min(values)) / (max(values) - min(values)), abs=1e-3
        )


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("augment", ["no", "yes"]),
        ("gradient clip", ["1", "none"]),
        ("trainable", ["all", "frozen"]),
    ],
)
def test_choices_are_labelled(page: str, name: str, choices: list[str]) -> None:
    found = axis(page, name)
    assert found["ticks"] == [[0, choices[0]], [1, choices[1]]]
    places = dict(zip(found["texts"], found["places"], strict=True))
    assert places == dict(zip(choices, (0, 1), strict=True))


def test_what_is_the_same_everywhere_has_no_axis(tmp_path: Path) -> None:
    page = write(tmp_path, ["learning_rate", "batch_size"])
    assert [each["name"] for each in drawn(page)["axes"]] == ["learning rate", LOSS]


def test_the_same_runs_give_the_same_bytes(page: str, tmp_path: Path) -> None:
    assert write(tmp_path, varied_fields(material.experiments())) == page
