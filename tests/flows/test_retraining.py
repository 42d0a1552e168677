"""What a challenger is trained from and with, whatever the age of the champion."""

import shutil
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import Any, NoReturn

import pytest
from ruamel.yaml import YAML

from flows import history, retraining
from flows.decisions import decisions, open_registry
from flows.retraining import sources_of
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256
from smearflow.params.explore import Range
from smearflow.params.ingest import Source
from smearflow.params.model import Configuration
from smearflow.params.retrain import Retrain
from smearflow.params.whole import Params, load_params
from smearflow.records.search.best import Best
from smearflow.release.folder import Champion
from tests.material import PROJECT
from tests.release.runs import promote


def make(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


VERSION_0 = PROJECT / "tests/release/champions/version_0"
WHEN = datetime(2030, 5, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def project(small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small clone that retrainings work on."""
    monkeypatch.setattr(retraining, "PROJECT", small)
    return small


def new_cells(project: Path) -> dict[Path, dict[str, Any]]:
    """An entry of labelled cells that were handed in."""
    source = Source(name="labelled-1", kind="folder", location=None, sha256="0" * 64)
    return {project / "data/labelled/toy/1": source.model_dump(mode="json")}


def settings(champion: Champion, project: Path, rules: Retrain | None = None) -> Params:
    """Of a challenger; valid ones, in which DVC finds what it looks for."""
    text = retraining._settings("toy", champion, sources_of(champion), new_cells(project), rules)
    values = YAML(typ="safe").load(text)
    stages = YAML(typ="safe").load((PROJECT / "dvc.yaml").read_text())["stages"]
    for key in {key for stage in stages.values() for key in stage.get("params", [])}:
        *parents, last = key.split(".")
        assert last in reduce(dict.__getitem__, parents, values), key
    return Params.model_validate(values)


@pytest.fixture
def old(project: Path) -> Champion:
    """A champion of a code that lacked most of today's keys, and had others."""
    folder = project / "registry/toy/models/old"
    shutil.copytree(VERSION_0, folder)
    return Champion("old", folder, "long ago", WHEN.isoformat())


def test_sources_of_an_old_champion_are_read_as_far_as_known(old: Champion) -> None:
    own, more = sources_of(old)
    assert (own.name, own.kind, own.patient_pattern) == ("own", "folder", "(?P<patient>S[0-9]+)")
    assert (more.name, more.kind, more.location) == ("more", "nih", "/more")


def test_an_old_champion_can_be_challenged(old: Champion, project: Path) -> None:
    challenger = settings(old, project)
    assert [source.name for source in challenger.ingest.sources] == ["own", "more", "labelled-1"]
    assert challenger.locations == {"labelled-1": str(project / "data/labelled/toy/1")}
    assert challenger.monitor.least_cells == 30  # the champion's
    assert challenger.split.image_size == 32  # the profile's: the champion has none


def test_the_champions_own_cells_are_kept_and_its_settings_win(project: Path) -> None:
    params = YAML(typ="safe").load(project / "params.yaml")
    params["train"]["epochs"] = 7
    params["locations"] = {"nih": "/gone", "backbone": "/a backbone"}
    YAML().dump(params, project / "params.yaml")
    with decisions(project, "a promotion") as registry:
        champion = promote(registry, "toy", project, "tried", WHEN)
    challenger = settings(champion, project)
    nih, new = challenger.ingest.sources
    archive = Path(challenger.locations["nih"] or "")
    assert archive.is_relative_to(project / "registry/toy/models")
    assert (nih.name, nih.location, nih.sha256) == ("nih", None, file_sha256(archive))
    assert archive.read_bytes() == (project / "outputs/ingest/raw/nih.zip").read_bytes()
    assert new.name == "labelled-1"
    assert challenger.locations["backbone"] == "/a backbone"
    assert challenger.train.epochs == 7


def searched(project: Path) -> Champion:
    """A champion that kept what its search found."""
    best = {"optimizer": "sgd", "learning_rate": 0.01, "hidden_units": 7}
    Best(
        configuration=Configuration.model_validate(best),
        trial_id="1",
        val_loss=0.1,
        val_accuracy=0.9,
    ).write(make(project / "outputs/tune"))
    with decisions(project, "a promotion") as registry:
        return promote(registry, "toy", project, "tried", WHEN)


def test_a_retraining_tries_a_few_settings_around_the_champions(project: Path) -> None:
    champion = searched(project)
    own = load_params(project / "params.yaml")
    near = settings(champion, project, Retrain(trials=2, span=2))
    assert near.model.configuration.hidden_units == 7
    (experiment,) = near.explore.experiments
    assert experiment.scientific == {"learning_rate": (0.005, 0.01, 0.02)}
    assert (near.tune.trials, near.tune.finalists) == (2, 1)
    assert near.tune.space == {"learning_rate": Range(low=0.005, high=0.02, sampling="log")}
    assert near.train == own.train
    full = settings(champion, project)
    assert (full.explore, full.tune, full.model) == (own.explore, own.tune, own.model)


def test_a_retraining_after_a_retraining_learns_from_no_less(project: Path) -> None:
    champion = searched(project)
    first = settings(champion, project, Retrain())
    earlier = YAML(typ="safe").load(champion.folder / "params.yaml")
    earlier |= {name: first.model_dump(mode="json")[name] for name in ("explore", "tune")}
    YAML().dump(earlier, champion.folder / "params.yaml")
    again = settings(champion, project, Retrain())
    assert (again.explore, again.tune) == (first.explore, first.tune)


def test_exploring_anew_is_as_todays_profile_has_it(old: Champion, project: Path) -> None:
    # the champion of a cheap retraining has little to explore
    earlier = YAML(typ="safe").load(old.folder / "params.yaml")
    today = YAML(typ="safe").load(project / "params.yaml")
    earlier |= {"tune": today["tune"] | {"trials": 1, "epochs": 77}}
    YAML().dump(earlier, old.folder / "params.yaml")
    assert settings(old, project).tune.epochs == today["tune"]["epochs"]
    # one that did not keep what its search found
    assert settings(old, project, Retrain()).tune.epochs == today["tune"]["epochs"]


def test_the_cells_of_a_site_take_the_place_of_what_it_had_before(old: Champion) -> None:
    earlier = YAML(typ="safe").load(old.folder / "params.yaml")
    earlier["ingest"]["sources"].append({"name": "labelled-sudan-01234567", "kind": "nih"})
    YAML().dump(earlier, old.folder / "params.yaml")
    project = old.folder.parents[3]
    entry = {"name": "labelled-sudan-89abcdef", "kind": "nih"}
    text = retraining._settings("toy", old, sources_of(old), {project / "there": entry}, None)
    params = Params.model_validate(YAML(typ="safe").load(text))
    names = [source.name for source in params.ingest.sources]
    assert names == ["own", "more", "labelled-sudan-89abcdef"]


@pytest.fixture
def asking(project: Path, monkeypatch: pytest.MonkeyPatch) -> Champion:
    """A champion, and cells that it has not seen; a retraining of them is rejected."""
    monkeypatch.setattr(retraining, "labelled_sources", lambda *_: new_cells(project))
    monkeypatch.setattr(retraining, "_retrain", lambda *_: ("done", "rejected"))
    with decisions(project, "a promotion") as registry:
        return promote(registry, "toy", project, "tried", WHEN)


def noted(project: Path) -> list[str]:
    """What the history tells of retrainings: their starts, and what came of each."""
    events = history.read(open_registry(project), "toy")
    return [event.get("answer", event["event"]) for event in events]


def test_a_retraining_notes_what_came_of_it_and_a_killed_one_is_no_hindrance(
    asking: Champion, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert retraining._decide("toy", asking, "person", full=False) == "done"
    assert noted(project) == ["retraining", "rejected"]
    assert "no retraining: " in retraining._decide("toy", asking, "labels", full=False)
    assert noted(project) == ["retraining", "rejected"]
    with decisions(project, "killed") as registry:
        history.note(registry, "toy", "retraining", datetime.now(UTC))

    def fail(*_: object) -> NoReturn:
        raise SmearflowError("a stage failed", "correct it")

    monkeypatch.setattr(retraining, "_retrain", fail)
    with pytest.raises(SmearflowError, match="a stage failed"):
        retraining._decide("toy", asking, "person", full=True)
    assert noted(project)[2:] == ["retraining", "failed", "retraining", "failed"]
