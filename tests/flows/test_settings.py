"""Settings of a run: made of a profile and what is asked for, and what is wrong with them told."""

import copy
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from flows import CLONE
from flows.editing import carried_over, parse_override, with_overrides, with_values
from flows.settings import (
    Request,
    check_request,
    request_values,
    set_in_profile,
    settings_text,
    write_settings,
)
from smearflow.ground.errors import SmearflowError
from smearflow.intake.sources import source_fingerprint
from smearflow.model.hub import module_hash
from smearflow.params.whole import load_params
from tests.material import PROJECT

NIH = (PROJECT / "profiles/nih.yaml").read_text()
SAMPLE = (PROJECT / "params.yaml").read_text()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What a clone has of settings: its own, and the profile `nih`."""
    project = tmp_path / "a project"
    (project / "profiles").mkdir(parents=True)
    (project / "params.yaml").write_text(SAMPLE)
    (project / "profiles/nih.yaml").write_text(NIH)
    return project


def loaded(text: str) -> Any:
    return YAML(typ="safe").load(text)


def test_values_are_set_and_everything_else_stays() -> None:
    text = with_values(NIH, [("train.epochs", 7), ("crossval.configuration.epochs", 9)])
    before, after = NIH.splitlines(), text.splitlines()
    assert {new for old, new in zip(before, after, strict=True) if old != new} == {
        "  epochs: 7",
        "    epochs: 9",
    }
    assert with_values(NIH, []) == NIH


def test_a_number_past_the_end_appends() -> None:
    assert loaded(with_values("a: [1]\n", [("a.1", 2)])) == {"a": [1, 2]}


def test_what_a_profile_leaves_to_a_default_is_written_where_dvc_looks_for_it(
    project: Path, tmp_path: Path
) -> None:
    kept = [line for line in NIH.splitlines() if not re.match(r"  (prevalence|most_errors)", line)]
    (project / "profiles/nih.yaml").write_text("\n".join(kept) + "\n")
    target = tmp_path / "params.yaml"
    write_settings(target, settings_text(project, "nih"), Request())
    text = target.read_text()
    written, usual = loaded(text), loaded(NIH)
    assert written == usual
    assert {line for line in kept if line.strip()} <= set(text.splitlines())
    write_settings(target, NIH, Request())
    assert target.read_text() == NIH


@pytest.mark.parametrize("key", ["nothing.at_all", "ingest.sources.3.location", "train.epochs.x"])
def test_a_key_that_leads_nowhere_is_named(key: str) -> None:
    with pytest.raises(SmearflowError, match=f"no setting {key}"):
        with_values(NIH, [(key, 1)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("train.epochs=5", ("train.epochs", 5)),
        ("a.b=[1, x]", ("a.b", [1, "x"])),
        ("a=null", ("a", None)),
        (r"a=(?P<patient>\d+)=", ("a", r"(?P<patient>\d+)=")),
    ],
)
def test_an_override_is_a_key_and_yaml(text: str, expected: tuple[str, object]) -> None:
    assert parse_override(text) == expected


@pytest.mark.parametrize("text", ["train.epochs", "=5", "a=[1", "a=2020-13-45"])
def test_another_form_of_override_is_an_error(text: str) -> None:
    with pytest.raises(SmearflowError, match="cannot read the setting"):
        parse_override(text)


@pytest.mark.parametrize("text", ["train.epochs=", "problem.question= "])
def test_a_setting_without_a_value_is_an_error(text: str) -> None:
    with pytest.raises(SmearflowError, match=r"has no value in SET; write [a-z.]+=null for none"):
        parse_override(text)


@pytest.mark.parametrize("name", ["1", "1.0", "yes", "true", "null", "2020-01-01", "'1'", "{a}"])
def test_a_setting_that_is_a_text_takes_whatever_is_written(name: str) -> None:
    text = with_overrides(NIH, [f"problem.positive={name}", "train.epochs=5"])
    settings = loaded(text)
    assert settings["problem"]["positive"] == name.strip("'")
    assert settings["train"]["epochs"] == 5


def test_where_no_text_is_wanted_values_are_yaml() -> None:
    text = with_overrides(
        NIH, ["ingest.sources.0.location=null", "train.configuration={epochs: 3}"]
    )
    settings = loaded(text)
    assert settings["ingest"]["sources"][0]["location"] is None
    assert settings["train"]["configuration"] == {"epochs": 3}


@pytest.mark.parametrize("place", ["s3://bucket/cells.zip", "ftp://a.org/cells", "file:///cells"])
def test_a_place_that_nothing_fetches_is_told_at_once(project: Path, place: str) -> None:
    with pytest.raises(SmearflowError, match=f"DATA={place} can't be fetched"):
        check_request(project, "nih", Request(data=place))


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (Request(data="nowhere"), "DATA=nowhere does not exist"),
        (Request(backbone="nowhere"), "BACKBONE=nowhere does not exist"),
        (Request(incoming="nowhere"), "INCOMING=nowhere is no folder"),
        (Request(overrides=("train.epochs",)), "cannot read the setting"),
    ],
)
def test_what_is_not_there_is_told_at_once(project: Path, request_: Request, problem: str) -> None:
    with pytest.raises(SmearflowError, match=problem):
        check_request(project, "nih", request_)


def test_cells_are_known_by_their_content_wherever_they_are(
    cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(cells.parent)
    text = with_values(NIH, request_values(Request(data=cells.name), NIH))
    settings = loaded(text)
    (source,) = settings["ingest"]["sources"]
    assert (source["location"], source["bytes"]) == (None, None)
    assert source["sha256"] == source_fingerprint(cells)
    assert settings["locations"] == {"nih": str(cells)}
    # at another place they are the same cells: nothing that DVC compares is another
    moved = shutil.copytree(cells, tmp_path / "moved")
    elsewhere = loaded(with_values(NIH, request_values(Request(data=str(moved)), NIH)))
    assert elsewhere.pop("locations") == {"nih": str(moved)}
    del settings["locations"]
    assert elsewhere == settings


def test_cells_behind_a_url_are_no_longer_those_of_this_machine(cells: Path) -> None:
    local = with_values(NIH, request_values(Request(data=str(cells)), NIH))
    url = "https://a.org/cells.zip"
    settings = loaded(with_values(local, request_values(Request(data=url), local)))
    (source,) = settings["ingest"]["sources"]
    assert (source["location"], source["sha256"]) == (url, None)
    assert settings["locations"] == {"nih": None}


def test_data_take_the_place_of_rendered_cells(cells: Path) -> None:
    values = dict(request_values(Request(data=str(cells)), SAMPLE))
    assert values["ingest.sources.0.kind"] == "nih"
    assert values["locations.sample"] == str(cells)
    assert "ingest.sources.0.kind" not in dict(request_values(Request(data=str(cells)), NIH))


@pytest.mark.parametrize("packed", [False, True])
def test_a_local_backbone_is_known_by_its_content(
    hub_module: Path, tmp_path: Path, packed: bool
) -> None:
    place = hub_module
    if packed:
        place = Path(shutil.make_archive(str(tmp_path / "module"), "gztar", hub_module))
    values = dict(request_values(Request(backbone=str(place)), NIH))
    assert values["model.backbone"] == place.name
    assert values["model.backbone_sha256"] == module_hash(hub_module)
    assert values["locations.backbone"] == str(place)


def test_a_backbone_behind_a_url_is_not_pinned() -> None:
    values = dict(request_values(Request(backbone="https://a.org/b"), NIH))
    assert values["model.backbone"] == "https://a.org/b"
    assert values["model.backbone_sha256"] is None
    assert values["locations.backbone"] is None


def test_settings_are_the_profile_with_what_is_asked_for(tmp_path: Path, cells: Path) -> None:
    target = tmp_path / "params.yaml"
    write_settings(target, NIH, Request())
    assert target.read_text() == NIH
    before = target.stat().st_mtime_ns
    write_settings(target, NIH, Request())
    assert target.stat().st_mtime_ns == before
    overrides = ("train.epochs=5", "ingest.sources.0.kind=folder")
    write_settings(target, NIH, Request(data=str(cells), overrides=overrides))
    params = load_params(target)
    assert params.train.epochs == 5
    assert params.ingest.sources[0].kind == "folder"  # what is set wins over the data
    assert params.locations == {"nih": str(cells)}
    assert "# of the archive" in target.read_text()


def test_settings_that_are_not_valid_change_nothing(tmp_path: Path) -> None:
    target = tmp_path / "params.yaml"
    write_settings(target, NIH, Request())
    with pytest.raises(SmearflowError, match=r"^SET: train.epochs: "):
        write_settings(target, NIH, Request(overrides=("train.epochs=0",)))
    assert target.read_text() == NIH
    assert [file.name for file in tmp_path.iterdir()] == ["params.yaml"]


def test_an_error_of_the_profile_is_not_laid_on_what_is_set(tmp_path: Path) -> None:
    target, wrong = (
        tmp_path / "params.yaml",
        NIH.replace("train:\n  epochs: 5", "train:\n  epochs: 0"),
    )
    with pytest.raises(SmearflowError, match=r"/params.yaml: train.epochs: "):
        write_settings(target, wrong, Request(overrides=("train.seed=2",)))
    write_settings(target, wrong, Request(overrides=("train.epochs=5",)))
    assert load_params(target).train.epochs == 5


@pytest.mark.parametrize("profile", ["nih", CLONE])
@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("train:", "train: [", r"\.yaml line \d+ is not YAML; correct the syntax"),
        ("sources:", "others:", r"\.yaml: ingest.sources: the key is missing"),
    ],
)
def test_a_profile_that_is_none_is_one_line(
    project: Path, profile: str, old: str, new: str, error: str
) -> None:
    file = project / ("params.yaml" if profile == CLONE else "profiles/nih.yaml")
    file.write_text(broken := file.read_text().replace(old, new))
    with pytest.raises(SmearflowError, match=f"{file.stem}{error}"):
        check_request(project, profile, Request(data="https://a.org/cells.zip"))
    with pytest.raises(SmearflowError, match=f"{file.stem}{error}"):
        set_in_profile(project, profile, [("train.epochs", 5)])
    assert file.read_text() == broken


@pytest.mark.parametrize("name", ["other", "", "../profiles/nih", "nih.yaml", "params"])
def test_an_unknown_profile_names_the_known(project: Path, name: str) -> None:
    with pytest.raises(SmearflowError, match=r"no profile .*; choose one of: sample, nih$"):
        settings_text(project, name)


def test_the_profile_of_the_clone_is_its_own_settings(project: Path) -> None:
    assert settings_text(project, CLONE) == SAMPLE
    assert settings_text(project, "nih") == NIH
    assert set_in_profile(project, CLONE, [("train.epochs", 5)]) == project / "params.yaml"
    assert load_params(project / "params.yaml").train.epochs == 5
    set_in_profile(project, "nih", [("train.epochs", 6)])
    assert load_params(project / "profiles/nih.yaml").train.epochs == 6


@pytest.fixture
def earlier() -> dict[str, Any]:
    """The settings of an earlier run; a test changes some."""
    return dict(copy.deepcopy(loaded(NIH)))


def test_earlier_values_are_kept(earlier: dict[str, Any]) -> None:
    earlier["train"]["epochs"] = 7
    explore = earlier["explore"]
    explore["experiments"] = explore["experiments"][:1]
    explore["words"] = {"optimizer": explore["words"]["optimizer"]}
    text = carried_over(NIH, earlier)
    assert loaded(text) == earlier
    assert "# doi" in text or "doi 10.7717" in text  # comments stay
    assert carried_over(NIH, loaded(NIH)) == NIH


def test_earlier_keys_that_are_gone_are_dropped_and_new_ones_are_todays(
    earlier: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    earlier["train"] |= {"epochs": 7, "gone": 1}
    earlier["gone"] = {"too": 1}
    del earlier["split"]["floors"], earlier["monitor"]
    expected = loaded(NIH)
    expected["train"]["epochs"] = 7
    assert loaded(carried_over(NIH, earlier)) == expected
    assert capsys.readouterr().out == ""


def test_earlier_values_that_are_not_valid_any_more_are_told(
    earlier: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    earlier["train"] |= {"epochs": 0, "seed": 5}
    expected = loaded(NIH)
    expected["train"]["seed"] = 5
    assert loaded(carried_over(NIH, earlier)) == expected
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("warning: the earlier value of train.epochs is not valid any more")


def test_earlier_targets_are_kept_whichever_metrics_they_name(earlier: dict[str, Any]) -> None:
    earlier["problem"]["targets"]["test"] = {"accuracy": 0.5, "sensitivity": 0.6}
    assert loaded(carried_over(NIH, earlier)) == earlier


@pytest.mark.parametrize("section", ["ingest", "locations", "engine", "registry"])
def test_places_and_machines_are_not_carried_over(earlier: dict[str, Any], section: str) -> None:
    earlier["ingest"]["sources"][0]["location"] = "/somewhere"
    earlier["locations"] = {"nih": "/somewhere"}
    earlier["engine"]["workers"] = 3
    earlier["registry"]["share"] = True
    assert loaded(carried_over(NIH, earlier))[section] == loaded(NIH)[section]
