"""Whose model labels images: the champion's, unless a run is named or nothing was promoted."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import prediction
from smearflow.edge import predict
from smearflow.release.registry import Registry
from tests.release.runs import finished_run


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of the models that label images, as they are asked for, in an empty project."""
    asked: list[str] = []
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/own.yaml").touch()
    monkeypatch.setattr(prediction, "PROJECT", tmp_path)
    monkeypatch.setattr(predict, "main", lambda words: asked.append(words[-1]))
    return asked


def label(monkeypatch: pytest.MonkeyPatch, profile: str, *options: str) -> None:
    monkeypatch.setattr("sys.argv", ["program", "images", "--profile", profile, *options])
    prediction.main()


@pytest.mark.parametrize(("profile", "place"), [("own", "runs/own"), ("sample", ".")])
def test_the_champion_labels_unless_a_run_is_named(
    profile: str,
    place: str,
    tmp_path: Path,
    models: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = finished_run(tmp_path / place, "the first run")
    champion = Registry(tmp_path / "registry").promote(profile, run, "first", datetime.now(UTC))
    finished_run(run, "a later run")
    label(monkeypatch, profile, "--run", "")
    label(monkeypatch, profile, "--run", str(run))
    assert models == [str(champion.export), str(run / "outputs/export")]
    assert "the first run" in (champion.export / "edge.json").read_text()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("profile", "place"), [("own", "runs/own"), ("sample", ".")])
def test_without_a_champion_the_last_run_labels_and_says_so(
    profile: str,
    place: str,
    tmp_path: Path,
    models: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = finished_run(tmp_path / place, "the only run")
    label(monkeypatch, profile)
    assert models == [str(run / "outputs/export")]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert f"{profile} has no model in use" in printed.err
    shutil.rmtree(run / "outputs")
    with pytest.raises(SystemExit, match=f"error: profile {profile} has no model; train one: make"):
        label(monkeypatch, profile)
