"""Workspaces: code brought up to date, settings made of a profile, nobody's edits lost."""

import os
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from flows.workspaces import (
    Request,
    check_request,
    edit_params,
    parse_override,
    request_values,
    with_overrides,
    with_values,
    workspace,
    workspace_folder,
)
from smearflow.cells.sources import source_fingerprint
from smearflow.errors import SmearflowError
from smearflow.hub import module_hash
from tests.flows.toy import FIRST, write_toy
from tests.material import PROJECT

NIH = (PROJECT / "profiles/nih.yaml").read_text()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = write_toy(tmp_path_factory.mktemp("a project"), FIRST)
    (project / "profiles/toy.yaml").write_text(NIH)
    return project


def prepared(project: Path, request: Request) -> Path:
    with workspace(project, "toy", request) as root:
        return root


def train_epochs(root: Path) -> int:
    return int(YAML(typ="safe").load(root / "params.yaml")["train"]["epochs"])


def test_values_are_set_and_everything_else_stays() -> None:
    text = with_values(NIH, [("train.epochs", 5), ("crossval.configuration.epochs", 9)])
    before, after = NIH.splitlines(), text.splitlines()
    assert {new for old, new in zip(before, after, strict=True) if old != new} == {
        "  epochs: 5",
        "    epochs: 9",
    }
    assert with_values(NIH, []) == NIH


def test_a_number_past_the_end_appends() -> None:
    text = with_values("a: [1]\n", [("a.1", 2)])
    assert YAML(typ="safe").load(text) == {"a": [1, 2]}


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


@pytest.mark.parametrize("place", ["s3://bucket/cells.zip", "ftp://a.org/cells", "file:///cells"])
def test_a_place_that_nothing_fetches_is_told_at_once(project: Path, place: str) -> None:
    with pytest.raises(SmearflowError, match=f"DATA={place} can't be fetched"):
        check_request(project, "toy", Request(data=place))


def test_data_is_pinned_by_its_content(cells: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(cells.parent)
    values = dict(request_values(Request(data=cells.name, backbone="https://a.org/b"), NIH))
    assert values["ingest.sources.0.location"] == str(cells)
    assert "ingest.sources.0.kind" not in values
    assert values["ingest.sources.0.sha256"] == source_fingerprint(cells)
    assert values["model.backbone"] == "https://a.org/b"
    with pytest.raises(SmearflowError, match="DATA=nowhere does not exist"):
        request_values(Request(data="nowhere"), NIH)


def test_data_take_the_place_of_rendered_cells(cells: Path) -> None:
    sample = (PROJECT / "profiles/sample.yaml").read_text()
    request = Request(data=str(cells))
    assert dict(request_values(request, sample))["ingest.sources.0.kind"] == "nih"


@pytest.mark.parametrize("packed", [False, True])
def test_a_local_backbone_is_pinned_by_its_content(
    hub_module: Path, tmp_path: Path, packed: bool
) -> None:
    place = hub_module
    if packed:
        place = Path(shutil.make_archive(str(tmp_path / "module"), "gztar", hub_module))
    values = dict(request_values(Request(backbone=str(place)), NIH))
    assert values["model.backbone"] == str(place)
    assert values["model.backbone_sha256"] == module_hash(hub_module)


def test_a_backbone_behind_a_url_is_not_pinned() -> None:
    values = dict(request_values(Request(backbone="https://a.org/b"), NIH))
    assert values["model.backbone_sha256"] is None


def test_a_workspace_follows_the_project_and_keeps_its_results(project: Path) -> None:
    root = prepared(project, Request())
    assert (root / "params.yaml").read_text() == NIH
    assert (root / ".dvc/config").read_text().endswith("dir = ../../../.dvc/cache\n")
    (root / "outputs").mkdir()
    (root / "outputs/result").touch()
    (root / "smearflow/vanished.py").touch()
    (root / "stages/ingest.py").write_text("changed")
    untouched = (root / "dvc.yaml").stat().st_mtime_ns
    assert prepared(project, Request()) == root == workspace_folder(project, "toy")
    assert not (root / "smearflow/vanished.py").exists()
    assert (root / "stages/ingest.py").read_bytes() == (project / "stages/ingest.py").read_bytes()
    assert (root / "outputs/result").exists()
    assert (root / "dvc.yaml").stat().st_mtime_ns == untouched


def test_generated_settings_are_generated_anew(project: Path) -> None:
    root = prepared(project, Request(overrides=("train.epochs=5",)))
    assert train_epochs(root) == 5
    prepared(project, Request())
    assert (root / "params.yaml").read_text() == NIH


@pytest.mark.parametrize("killed_at", [".params.generated", "params.yaml"])
def test_settings_that_kills_kept_from_being_generated_are_not_taken_for_edited(
    project: Path, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    def kill(file: Path, target: Path) -> None:
        if target.name == killed_at:
            file.write_bytes(b"half")
            raise KeyboardInterrupt
        file.rename(target)

    root = prepared(project, Request(overrides=("train.epochs=5",)))
    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", kill)
            with pytest.raises(KeyboardInterrupt):
                prepared(project, Request())
        assert train_epochs(root) == 5
    prepared(project, Request())
    assert (root / "params.yaml").read_text() == NIH


def test_what_is_set_wins_over_the_data(project: Path, cells: Path) -> None:
    root = prepared(project, Request(data=str(cells), overrides=("ingest.sources.0.kind=folder",)))
    assert YAML(typ="safe").load(root / "params.yaml")["ingest"]["sources"][0]["kind"] == "folder"
    prepared(project, Request())


@pytest.mark.parametrize("name", ["1", "1.0", "yes", "true", "null", "2020-01-01", "'1'", "[a]"])
def test_a_setting_that_is_a_text_takes_whatever_is_written(name: str) -> None:
    text = with_overrides(NIH, [f"problem.positive={name}", "train.epochs=5"])
    settings = YAML(typ="safe").load(text)
    assert settings["problem"]["positive"] == name.strip("'")
    assert settings["train"]["epochs"] == 5


def test_where_no_text_is_wanted_values_are_yaml() -> None:
    text = with_overrides(
        NIH, ["ingest.sources.0.location=null", "train.configuration={epochs: 3}"]
    )
    settings = YAML(typ="safe").load(text)
    assert settings["ingest"]["sources"][0]["location"] is None
    assert settings["train"]["configuration"] == {"epochs": 3}


def test_an_error_in_edited_settings_is_not_laid_on_what_is_set(project: Path) -> None:
    params = workspace_folder(project, "toy") / "params.yaml"
    prepared(project, Request())
    params.write_text(NIH.replace("epochs: 20", "epochs: 0"))
    with pytest.raises(SmearflowError, match=r"/params.yaml: train.epochs: "):
        prepared(project, Request(overrides=("train.seed=2",)))
    prepared(project, Request(overrides=("train.epochs=5",)))
    assert train_epochs(params.parent) == 5
    params.unlink()


def test_edited_settings_are_kept(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = prepared(project, Request())
    (root / "params.yaml").write_text(NIH.replace("epochs: 20", "epochs: 7 # my own"))
    prepared(project, Request())
    assert train_epochs(root) == 7
    assert "was edited: kept" in capsys.readouterr().out
    prepared(project, Request(overrides=("train.seed=2",)))
    text = (root / "params.yaml").read_text()
    assert "epochs: 7 # my own" in text
    assert YAML(typ="safe").load(text)["train"]["seed"] == 2
    prepared(project, Request())
    assert train_epochs(root) == 7
    (root / "params.yaml").unlink()
    prepared(project, Request())
    assert (root / "params.yaml").read_text() == NIH


def test_settings_that_are_not_valid_change_nothing(project: Path) -> None:
    root = prepared(project, Request())
    with pytest.raises(SmearflowError, match=r"^SET: train.epochs: "):
        prepared(project, Request(overrides=("train.epochs=0",)))
    assert (root / "params.yaml").read_text() == NIH
    assert not (root / "params.yaml.tmp").exists()


@pytest.mark.parametrize(
    "request_",
    [
        Request(),
        Request(overrides=("train.epochs=5",)),
        Request(data="https://a.org/cells.zip"),
        Request(backbone="https://a.org/b"),
    ],
)
def test_edited_settings_that_are_no_yaml_are_one_line(project: Path, request_: Request) -> None:
    params = workspace_folder(project, "toy") / "params.yaml"
    prepared(project, Request())
    broken = NIH.replace("train:", "train: [")
    params.write_text(broken)
    with pytest.raises(SmearflowError, match=r"/params.yaml line \d+ is not YAML; correct"):
        prepared(project, request_)
    assert params.read_text() == broken
    with pytest.raises(SmearflowError, match=r"/params.yaml line \d+ is not YAML; correct"):
        edit_params(params.parent, [("train.epochs", 5)])
    params.unlink()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("ingest: [\n", r"/broken.yaml line 2 is not YAML; correct the syntax"),
        (NIH.replace("sources:", "others:"), r"/broken.yaml: ingest.sources: the key is missing"),
    ],
)
def test_a_profile_that_is_none_is_one_line(project: Path, text: str, error: str) -> None:
    (project / "profiles/broken.yaml").write_text(text)
    with pytest.raises(SmearflowError, match=error):
        check_request(project, "broken", Request(data="https://a.org/cells.zip"))
    (project / "profiles/broken.yaml").unlink()


def test_one_run_at_a_time(project: Path) -> None:
    with (
        workspace(project, "toy", Request()),
        pytest.raises(SmearflowError, match=rf"is busy: process {os.getpid()} works there"),
    ):
        prepared(project, Request())


def test_an_unknown_profile_names_the_known(project: Path) -> None:
    for name in ("other", "../profiles/toy"):
        with (
            pytest.raises(SmearflowError, match=f"no profile {name}; choose one of: toy"),
            workspace(project, name, Request()),
        ):
            pass
