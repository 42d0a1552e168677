"""Whose model labels images: the champion's, unless a run is named or nothing was promoted."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import prediction
from smearflow.edge import predict
from smearflow.registry import Registry


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of the models that label images, as they are asked for, in an empty project."""
    asked: list[str] = []
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/own.yaml").touch()
    monkeypatch.setattr(prediction, "PROJECT", tmp_path)
    monkeypatch.setattr(predict, "main", lambda words: asked.append(words[-1]))
    return asked


def label(monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    monkeypatch.setattr("sys.argv", ["program", "images", "--profile", "own", *options])
    prediction.main()


def finish(project: Path) -> Path:
    run = project / "workspaces/own"
    for part in ("export", "baseline", "evaluate"):
        (run / "outputs" / part).mkdir(parents=True)
        (run / "outputs" / part / "file").write_text("the first run")
    return run


def test_the_champion_labels_unless_a_run_is_named(
    tmp_path: Path,
    models: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = finish(tmp_path)
    champion = Registry(tmp_path / "registry").promote("own", run, "first", datetime.now(UTC))
    (run / "outputs/export/file").write_text("a later run")
    label(monkeypatch, "--run", "")
    label(monkeypatch, "--run", str(run))
    assert models == [str(champion.export), str(run / "outputs/export")]
    assert capsys.readouterr().err == ""


def test_without_a_champion_the_last_run_labels_and_says_so(
    tmp_path: Path,
    models: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = finish(tmp_path)
    label(monkeypatch)
    assert models == [str(run / "outputs/export")]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert "own has no model in use" in printed.err
    shutil.rmtree(run)
    with pytest.raises(SystemExit, match="error: profile own has no model; train one: make run"):
        label(monkeypatch)
