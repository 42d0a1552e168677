from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError
from ruamel.yaml import YAML

from smearflow.ground.errors import SmearflowError
from smearflow.ground.settings import fingerprint
from smearflow.params.model import Configuration
from smearflow.params.whole import Params, load_params
from tests.material import PROJECT


def nih() -> dict[str, Any]:
    params: dict[str, Any] = YAML(typ="safe").load(PROJECT / "profiles/nih.yaml")
    return params


@pytest.mark.parametrize("file", ["params.yaml", "profiles/nih.yaml"])
def test_committed_parameter_files_are_complete(file: str) -> None:
    params = load_params(PROJECT / file)
    assert params.problem.classes == ("Uninfected", "Parasitized")


def test_the_parameters_of_a_clone_need_nothing_from_elsewhere() -> None:
    params = load_params(PROJECT / "params.yaml")
    assert [source.kind for source in params.ingest.sources] == ["sample"]
    assert (PROJECT / params.model.backbone).is_dir()
    assert params.locations == {}


def test_settings_are_frozen() -> None:
    params = Params.model_validate(nih())
    with pytest.raises(ValueError, match="frozen"):
        params.split.image_size = 32  # type: ignore[misc]


WRONG = [
    (("train", "epoch"), 3, "train.epoch"),
    (("split", "image_size"), "large", "split.image_size"),
    (("split", "test"), 0.7, "split.test"),
    (("model", "least_class_share"), 0.6, "model.least_class_share"),
    (("tune", "seed"), 0, "tune.seed"),
    (("tune", "space"), {"learning_rate": {"low": 1, "high": 20}}, "tune.space"),
    (("tune", "space"), {"optimiser": ["adam"]}, "tune.space"),
    (("engine", "scheduler"), "localhost", "engine.scheduler"),
    (("problem", "prevalence"), 2, "problem.prevalence"),
    (("problem", "most_errors"), 0, "problem.most_errors"),
    (("problem", "least_parasitaemia"), 1.5, "problem.least_parasitaemia"),
    (("problem", "primary_metric"), "beauty", "problem.primary_metric"),
    (("problem", "negative"), "Parasitized", "problem: positive and negative have the same name"),
    (("train", "configuration"), {"learning_rat": 1e-3}, "train.configuration"),
    (("ingest", "sources"), [], "ingest.sources"),
    (("locations", "nih"), 1, "locations.nih"),
    (("registry", "share"), "perhaps", "registry.share"),
]


@pytest.mark.parametrize(("path", "value", "named"), WRONG)
def test_a_wrong_key_is_named(
    tmp_path: Path, path: tuple[str, str], value: object, named: str
) -> None:
    params = nih()
    params[path[0]][path[1]] = value
    YAML().dump(params, tmp_path / "params.yaml")
    with pytest.raises(SmearflowError) as raised:
        load_params(tmp_path / "params.yaml")
    assert named in raised.value.problem
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"scientific": {"optimiser": ["adam"]}}, "optimiser is no parameter"),
        ({"scientific": {"learning_rate": [0.1]}}, "learning_rate has two roles"),
        ({"scientific": {"optimizer": ["adamant"]}}, "adam"),
        ({"fixed": {"momentum": 2}}, "momentum 2: .* less than 1"),
        ({"scientific": {}}, "nothing is compared"),
        ({"ablations": {"without": {"augment": False}}}, "ablations change one setting each"),
        (
            {"scientific": {}, "nuisance": {}, "ablations": {"without": {"augmented": False}}},
            "augmented",
        ),
        ({"scientific": {"dropout": {"low": 0.5, "high": 0.1}}}, "must be below"),
        ({"scientific": {"dropout": {"low": 0.5, "high": 1.5}}}, "dropout 1.5: .* less than 1"),
        ({"scientific": {"dropout": {"low": 0, "high": 0.5, "sampling": "log"}}}, "above 0"),
        ({"seeds": [1, 1]}, "named twice"),
        ({"budget": 0}, "budget"),
        ({"seeds": []}, "at least 1"),
        ({"seeds": [-1]}, "greater than or equal to 0"),
    ],
)
def test_a_wrong_experiment_is_refused(change: dict[str, Any], reason: str) -> None:
    params = nih()
    params["explore"]["experiments"][0] |= change
    with pytest.raises(ValueError, match=reason):
        Params.model_validate(params)


@pytest.mark.parametrize(
    ("name", "words", "reason"),
    [
        ("optimizer", {"question": "  ", "because": {"epochs": "quick"}}, "question"),
        ("optimizer", {"question": "Which?"}, r"words.optimizer.because.epochs is missing"),
        ("optimizer", {"question": "Which?", "because": {"epochs": ""}}, "because.epochs"),
        (
            "optimizer",
            {"question": "Which?", "because": {"epochs": "quick", "momentum": "why not"}},
            "because.momentum: the experiment does not fix it",
        ),
        ("optimiser", {"question": "Which?"}, "words.optimiser: there is no such experiment"),
        ("optimizer", None, "words.optimizer is missing"),
    ],
)
def test_every_experiment_has_a_question_and_a_reason_for_what_it_holds(
    name: str, words: dict[str, Any] | None, reason: str
) -> None:
    params = nih()
    params["explore"]["words"][name] = words
    if words is None:
        del params["explore"]["words"][name]
    with pytest.raises(ValueError, match=reason):
        Params.model_validate(params)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"location": "cells.zip"}, "rendered and has no location: set kind to nih or folder"),
        ({"patients": 1000}, "patients: .* less than or equal to 999"),
        ({"seed": -1}, "seed: .* greater than or equal to 0"),
        ({"cells": 59}, "59 cells are too few for 60 patients"),
    ],
)
def test_a_wrong_sample_is_refused(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    params = nih()
    params["ingest"]["sources"] = [{"name": "sample", "kind": "sample"} | change]
    YAML().dump(params, tmp_path / "params.yaml")
    with pytest.raises(SmearflowError, match=reason) as raised:
        load_params(tmp_path / "params.yaml")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("problem: [", "is not YAML"),
        ("problem: 2020-13-45", "is not YAML: month must be in 1..12"),
        ("- 1", "the top level"),
        ("", "the top level"),
    ],
)
def test_what_is_no_parameter_file_is_refused(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(SmearflowError, match=named):
        load_params(tmp_path / "params.yaml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match=r"params\.yaml does not exist"):
        load_params(tmp_path / "params.yaml")


@given(st.floats(1e-6, 1), st.sampled_from(["frozen", "all", 3]), st.booleans())
def test_a_configuration_survives_a_round_trip(
    learning_rate: float, trainable: Any, augment: bool
) -> None:
    configuration = Configuration(learning_rate=learning_rate, trainable=trainable, augment=augment)
    again = Configuration.model_validate(configuration.model_dump(mode="json"))
    assert again == configuration
    assert fingerprint(again) == fingerprint(configuration)


def test_fingerprints_ignore_the_order_of_keys() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def sections(settings: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all mappings in a parameter file, the whole of it included."""
    if isinstance(settings, dict):
        yield path
    if isinstance(settings, dict | list):
        pairs = settings.items() if isinstance(settings, dict) else enumerate(settings)
        for key, value in pairs:
            yield from sections(value, (*path, key))


@given(st.sampled_from(list(sections(nih()))), st.from_regex(r"\A[a-z]{3,8}_[a-z]{3,8}\Z"))
def test_an_unknown_key_is_refused_wherever_it_stands(path: tuple[Any, ...], key: str) -> None:
    params = nih()
    place = params
    for part in path:
        place = place[part]
    assume(key not in place and key not in Configuration.model_fields)
    place[key] = 1
    with pytest.raises(ValidationError):
        Params.model_validate(params)
