"""Names from elsewhere: of profiles, runs and references. None leads out, none is an option."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import experiments, monitoring, prediction, promotion, retraining
from flows.experiments import fetch_outputs, reference_of, save_run, saved_runs
from flows.prediction import model_in_use
from flows.promotion import promote_run
from flows.settings import check_name, check_profile, profiles
from smearflow.ground.errors import SmearflowError
from tests.commands import git

WHEN = datetime(2030, 5, 1, 12, 30, tzinfo=UTC)
LEADING_OUT = [
    *("..", "../toy", "toy/../../x", "/etc", "a/b", "a\\b", "~", "~/x"),
    *("%2e%2e%2ftoy", "..%2Ftoy", "toy%00", "toy\0", "toy\n", "toy ", "\uff0e\uff0e/toy", ""),
    *("-toy", "--upload-pack=touch owned", "-u", "$(touch owned)", ";touch owned", "`x`"),
]


@pytest.fixture
def project(small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (monitoring, prediction, promotion, retraining):
        monkeypatch.setattr(module, "PROJECT", small)
    monkeypatch.chdir(small)
    return small


def everything(folder: Path) -> set[Path]:
    return {path for path in folder.parent.rglob("*") if ".git" not in path.parts}


@pytest.mark.parametrize("name", LEADING_OUT, ids=ascii)
def test_a_name_of_a_profile_leads_nowhere(name: str) -> None:
    with pytest.raises(SmearflowError, match="is no name of a profile"):
        check_name(name)


@pytest.mark.parametrize("name", ["toy", "nih", "nih-2", "site_b.v2", "0"])
def test_usual_names_are_names(name: str) -> None:
    check_name(name)


def test_a_file_whose_name_is_an_option_is_no_profile(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/--force.yaml").touch()
    assert "--force" in profiles(tmp_path)
    with pytest.raises(SmearflowError, match="is no name of a profile"):
        check_profile(tmp_path, "--force")


@pytest.mark.parametrize("name", ["../../outside", "%2e%2e/outside", "--upload-pack=touch owned"])
def test_nobody_looks_for_a_model_outside_the_registry(project: Path, name: str) -> None:
    """A champion that lies elsewhere is not found by its way there."""
    (project.parent / "outside").mkdir()
    (project.parent / "outside/champion.json").write_text("{}")
    before = everything(project)
    for ask in (
        lambda: model_in_use(name),
        lambda: monitoring.champion_of(name),
        lambda: retraining.retraining.fn(name),
        lambda: retraining.check_cells(name, None),
    ):
        with pytest.raises(SmearflowError, match="is no name of a profile"):
            ask()
    assert everything(project) == before
    with pytest.raises(SmearflowError, match="there is no profile"):
        promote_run(str(project), name)


@pytest.mark.parametrize(
    "run", ["--upload-pack=touch owned", "-f", "toy-1:../x", "refs/exps/x", "HEAD", "..%2f..%2fx"]
)
def test_a_run_is_one_of_the_list_whatever_it_is_called(project: Path, run: str) -> None:
    save_run(project, "toy", WHEN)
    with pytest.raises(SmearflowError, match="neither a folder nor a saved run"):
        reference_of(project, run)
    with pytest.raises(SmearflowError, match="neither a folder nor a saved run"):
        promote_run(run, "toy")
    assert not (project / "owned").exists()


def test_a_reference_that_somebody_pushed_is_no_option(project: Path) -> None:
    """Whoever can push can name references: what stands where a commit should is no commit."""
    saved = save_run(project, "toy", WHEN)
    commit = git(project, "rev-parse", reference_of(project, saved or "")).strip()
    option = "--upload-pack=touch${IFS}owned;".ljust(40, "x")
    folder = project / ".git/refs/exps" / option[:2] / option[2:]
    folder.mkdir(parents=True)
    (folder / "evil").write_text(f"{commit}\n")
    assert "evil" in git(project, "for-each-ref", "refs/exps/")
    assert [run.name for run in saved_runs(project)] == [saved]
    with pytest.raises(SmearflowError, match="neither a folder nor a saved run"):
        reference_of(project, "evil")


def test_a_target_of_dvc_is_no_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[tuple[str, ...]]()
    monkeypatch.setattr(experiments, "dvc", lambda _folder, *words: asked.append(words))
    fetch_outputs(tmp_path, "--out=elsewhere")
    assert asked == [("checkout", "--force", "--", "--out=elsewhere")]
