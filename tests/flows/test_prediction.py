"""Whose model labels images: the champion's, unless a run is named or nothing was promoted."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import prediction
from smearflow.ground.errors import SmearflowError
from smearflow.release.registry import Registry
from tests.release.runs import finished_run, promote


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of the models that label images, as they are asked for, in an empty project."""
    asked: list[str] = []
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/own.yaml").touch()
    monkeypatch.setattr(prediction, "PROJECT", tmp_path)
    monkeypatch.setattr(prediction, "EdgeModel", lambda folder: asked.append(str(folder)))
    monkeypatch.setattr(prediction, "label_images", lambda *_, **__: None)
    return asked


def label(profile: str, run: Path | None = None) -> None:
    prediction.label_by_profile(
        "images",
        profile,
        str(run) if run else None,
        bits=None,
        pattern=None,
        form="csv",
        output=None,
    )


@pytest.mark.parametrize(("profile", "place"), [("own", "runs/own"), ("sample", ".")])
def test_the_champion_labels_unless_a_run_is_named(
    profile: str,
    place: str,
    tmp_path: Path,
    models: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = finished_run(tmp_path / place, "the first run")
    champion = promote(Registry(tmp_path / "registry"), profile, run, "first", datetime.now(UTC))
    finished_run(run, "a later run")
    label(profile)
    label(profile, run)
    assert models == [str(champion.export), str(run / "outputs/export")]
    assert "the first run" in (champion.export / "edge.json").read_text()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("profile", "place"), [("own", "runs/own"), ("sample", ".")])
def test_without_a_champion_the_last_run_labels_and_says_so(
    profile: str,
    place: str,
    tmp_path: Path,
    models: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = finished_run(tmp_path / place, "the only run")
    label(profile)
    assert models == [str(run / "outputs/export")]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert f"{profile} has no model in use" in printed.err
    shutil.rmtree(run / "outputs")
    with pytest.raises(SmearflowError, match=f"^profile {profile} has no model; train one: make"):
        label(profile)


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("promoted", [True, False])
def test_patients_are_told_as_in_the_model_s_cells_unless_a_pattern_is_named(
    promoted: bool, tmp_path: Path
) -> None:
    run = finished_run(tmp_path / "runs/own", "the only run")
    settings = run / "params.yaml"
    text = settings.read_text()
    settings.write_text(text.replace("patient_pattern: null", "patient_pattern: '(?P<patient>x)'"))
    assert settings.read_text() != text
    if promoted:
        promote(Registry(tmp_path / "registry"), "own", run, "first", datetime.now(UTC))
    found = prediction.model_in_use("own")
    assert list(found.patterns) == ["(?P<patient>x)"]
    assert prediction.model_in_use("own", run).patterns == list(found.patterns)
