"""Labels that people bring back: taken in, added to what was said, and what becomes of them."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows import feedback, history
from flows.decisions import decisions, open_registry
from flows.feedback import add
from flows.labelled import labels_of, site_of, site_sources
from flows.labels import Asked, read_store
from flows.queue import queue
from flows.votes import KnownCells, gather_votes
from smearflow.cells.files import cell_files
from smearflow.cells.manifest import COLUMNS
from smearflow.cells.raw import write_raw
from smearflow.feedback.store import Store
from smearflow.ground.errors import SmearflowError
from smearflow.intake.layout import understand
from smearflow.params.ingest import Source
from smearflow.records.feedback import Agreement, Receipt
from smearflow.report.feedback import receipt_text
from smearflow.splitting.splits import side_of
from tests.flows.test_labelled import CARD, KNOWN
from tests.flows.toy_stages.runtime import EdgeModel
from tests.material import PROJECT, write_cells
from tests.release.runs import promote

WHEN = datetime(2030, 5, 1, 12, 30, tzinfo=UTC)
PATTERN = r"^(?P<patient>\d+)_(?P<field>\d+)_"


class Opposite(EdgeModel):
    """A model that calls the infected cells healthy: in each hand-in here they come first."""

    def predict(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities and embeddings."""
        _, embeddings = super().predict(pixels)
        return (np.arange(len(pixels)) >= len(pixels) / 2).astype(np.float32), embeddings


@pytest.fixture
def project(small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small clone with a champion."""
    for module in ("feedback", "labels", "monitoring"):
        monkeypatch.setattr(f"flows.{module}.PROJECT", small)
    monkeypatch.setattr(feedback, "EdgeModel", EdgeModel)
    shutil.copy(PROJECT / "expectations/feedback.json", small / "expectations")
    with decisions(small, "a promotion") as registry:
        promote(registry, "toy", small, "tried", WHEN)
    return small


@pytest.fixture
def queues(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queues of that clone."""
    monkeypatch.setattr("flows.queue.PROJECT", project)
    monkeypatch.setattr("flows.queue.EdgeModel", Opposite)
    monkeypatch.setattr(Opposite, "novelty", None, raising=False)


def laboratory(folder: Path, patients: int = 3, per_class: int = 4) -> Path:
    """Cells whose names are nobody's but their own: <patient>_<field>_<number>."""
    cells = write_cells(folder, patients=patients, per_class=per_class)
    for number, file in enumerate(cell_files(cells)):
        file.rename(file.with_name(f"57{file.name[1]}_{number % 3}_{number}.png"))
    return cells


def table(folder: Path, rows: Sequence[str], columns: str = "file,label,reviewer") -> Path:
    file = folder / "labels.csv"
    file.write_text("\n".join([columns, *rows]))
    return file


def counted(project: Path) -> dict[str, int]:
    """Labels that count, by class, as the next retraining would read them."""
    store = project / "data/labelled/toy"
    ((folder, entry),) = site_sources(
        store, read_store(store), "majority", KNOWN[0], frozenset()
    ).items()
    listing = understand(folder, Source.model_validate(entry), labels_of(CARD))
    return dict(pd.Series([cell.label for cell in listing.cells]).value_counts())


def test_a_site_is_named_once_and_every_label_keeps_its_history(
    project: Path, tmp_path: Path
) -> None:
    cells, store = laboratory(tmp_path / "new"), project / "data/labelled/toy"
    with pytest.raises(SmearflowError, match="PATTERN=") as refused:
        add("toy", Asked(cells, "sudan"))
    assert "\n" not in str(refused.value)
    assert not store.exists() or not list(store.iterdir())
    received = add("toy", Asked(cells, "sudan", PATTERN, reviewer="ada"))
    assert (received.cells, received.new, received.alone) == (24, 24, False)
    assert received.labels == {"Parasitized": 12, "Uninfected": 12}
    (event,) = [e for e in history.read(open_registry(project), "toy") if e["event"] == "labels"]
    assert event["labels"] == received.labels
    assert event["groups"] == ["sudan/571", "sudan/572", "sudan/573"]
    before = (store / "events.jsonl").read_bytes()
    # the same again says nothing new
    assert add("toy", Asked(cells, "sudan", reviewer="ada")).batch is None
    assert (store / "events.jsonl").read_bytes() == before
    # further cells need no pattern; another one is refused
    more = write_cells(tmp_path / "more", patients=1, per_class=2, seed=2)
    for number, file in enumerate(cell_files(more)):
        file.rename(file.with_name(f"580_0_{number}.png"))
    with pytest.raises(SmearflowError, match="was named with PATTERN"):
        add("toy", Asked(more, "sudan", "(?P<patient>.)"))
    assert add("toy", Asked(more, "sudan", reviewer="ada")).new == 4
    # two others differ on one cell: theirs counts, hers is still there
    name = cell_files(cells / "Parasitized")[0].name
    rows = [f"Parasitized/{name},Uninfected,{who}" for who in ("bo", "cy")]
    received = add("toy", Asked(table(cells, rows), "sudan"))
    (contested,) = received.contested
    assert contested.labels == {"ada": "Parasitized", "bo": "Uninfected", "cy": "Uninfected"}
    assert (contested.label, received.new) == ("Uninfected", 0)
    assert (store / "events.jsonl").read_bytes().startswith(before)
    assert counted(project) == {"Parasitized": 13, "Uninfected": 15}
    listed = pd.read_csv(project / "reports/feedback/toy/conflicts.csv")
    assert listed["reviewer"].tolist() == ["ada", "bo", "cy"]


def test_all_labels_swapped_are_flagged_by_the_name_of_the_batch(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells, store = laboratory(tmp_path / "new"), project / "data/labelled/toy"
    monkeypatch.setattr(feedback, "EdgeModel", Opposite)
    received = add("toy", Asked(cells, "lab", PATTERN, reviewer="bo"))
    assert received.agreement.share == 0
    assert received.batch is not None
    (warning,) = [line for line in receipt_text(received).splitlines() if "opposite" in line]
    assert received.batch in warning
    assert read_store(store).flagged == [received.batch]
    (event,) = [e for e in history.read(open_registry(project), "toy") if e["event"] == "labels"]
    assert event["flagged"]  # so that it asks for no retraining
    # labels that are put right are no part of it
    rows = [f"Parasitized/{file.name},Uninfected,bo" for file in cell_files(cells / "Parasitized")]
    add("toy", Asked(table(cells, rows), "lab"))
    assert counted(project) == {"Uninfected": 24}


def test_one_class_only_is_taken_but_told(project: Path, tmp_path: Path) -> None:
    cells = laboratory(tmp_path / "new", patients=1)
    shutil.rmtree(cells / "Uninfected")
    received = add("toy", Asked(cells, "lab", PATTERN))
    assert received.labels == {"Parasitized": 4}
    assert "one class only" in receipt_text(received)
    assert received.agreement.p_value is None
    assert received.grouped_by == "field"  # of a lone patient
    assert counted(project) == {"Parasitized": 4}


def test_a_pixel_that_is_known_stays_with_its_patient(project: Path, tmp_path: Path) -> None:
    del project
    cells = laboratory(tmp_path / "new")
    add("toy", Asked(cells, "lab", PATTERN))
    for file in cell_files(cells):
        file.rename(file.with_name(f"6{file.name}"))
    with pytest.raises(SmearflowError, match=r"of patient 657\d here, and was of 57\d before"):
        add("toy", Asked(cells, "lab"))


@pytest.fixture
def known(tmp_path: Path) -> KnownCells:
    """A champion's cell, of patient C1."""
    cells = write_cells(tmp_path / "old", patients=1, per_class=1)
    file = cell_files(cells)[0]
    path = f"nih/{file.relative_to(cells).as_posix()}"
    write_raw(tmp_path / "raw/nih.zip", [(path.partition("/")[2], file.read_bytes())])
    row = dict.fromkeys(COLUMNS) | {
        "cell_id": "nih/one",
        "path": path,
        "patient": "nih/C1",
        "field": "nih/F1",
    }
    manifest = pd.DataFrame([row]).set_index("cell_id", drop=False)
    return KnownCells(manifest, tmp_path / "raw", Store(), tmp_path)


def test_known_cells_are_named_by_their_ids(known: KnownCells, tmp_path: Path) -> None:
    rows = ["nih/one,uninfected,,sure", "nih/one,Parasitized,bo,", ",,,"]
    asked = table(tmp_path, rows, "cell,label,reviewer,note")
    votes, silent = gather_votes(asked, known, CARD, None, "ada", tmp_path / "gathered")
    assert [(vote.label, vote.reviewer, vote.note) for vote in votes] == [
        ("Uninfected", "ada", "sure"),
        ("Parasitized", "bo", ""),
    ]
    assert silent == 1
    source = Source(name="labelled", kind="folder")
    (cell,) = understand(tmp_path / "gathered", source, labels_of(CARD)).cells
    assert (cell.name.patient, cell.name.field) == ("C1", "F1")
    assert cell.path == votes[0].path


@pytest.mark.parametrize(
    ("rows", "columns", "told"),
    [
        (["nih/two,Uninfected"], "cell,label", "row 1 .* nih/two is no image"),
        (["nih/one,Uninfected", "nih/one,ring"], "cell,label", "row 2 .* ring means neither"),
        (["nih/one,Uninfected"], "cell,finding", "has the columns cell, finding"),
        (["nih/one,"], "cell,label", "holds no label"),
    ],
)
def test_rows_that_can_not_be_used_are_named(
    known: KnownCells, tmp_path: Path, rows: list[str], columns: str, told: str
) -> None:
    with pytest.raises(SmearflowError, match=told):
        gather_votes(table(tmp_path, rows, columns), known, CARD, None, "ada", tmp_path / "new")


@pytest.mark.parametrize(
    ("name", "site"),
    [("labelled-sudan-01234567", "sudan"), ("labelled-0001-0123456789ab", None), ("nih", None)],
)
def test_the_site_of_a_source(name: str, site: str | None) -> None:
    assert site_of(name) == site


def test_the_words_of_what_is_held_out() -> None:
    agreed = Agreement(cells=4, share=0.75, p_value=0.5, flagged=False)
    received = Receipt(
        batch="0001-a",
        site="lab",
        cells=4,
        new=4,
        labels={"+": 2, "-": 2},
        unread=0,
        held_out=3,
        alone=False,
        grouped_by="patient",
        agreement=agreed,
        contested=(),
    )
    text = receipt_text(received)
    assert "3 cells are on the test side" in text
    assert "0.750" in text


@pytest.mark.parametrize("group", [None, "field", "file"])
@pytest.mark.usefixtures("queues")
def test_a_queue_keeps_apart_what_a_retraining_will(group: str | None, tmp_path: Path) -> None:
    """A lone patient is split by field, and so are the cells that people are asked about."""
    cells = laboratory(tmp_path / "new", patients=1, per_class=30)
    for number, file in enumerate(cell_files(cells)):
        file.rename(file.with_name(f"57_{number % 12}_{number}.png"))
    asked = queue("toy", cells, "lab", PATTERN, 99, group=group)
    tested = queue("toy", cells, "lab", PATTERN, 99, group=group, for_test=True)
    assert min(asked.of, tested.of) > 0
    fields = [
        set(pd.read_csv(each.folder / "labels.csv", dtype=str)["field"]) for each in (asked, tested)
    ]
    assert group == "file" or not fields[0] & fields[1]
    answers = pd.read_csv(tested.folder / "labels.csv", dtype=str).assign(label="Parasitized")
    answers.to_csv(tested.folder / "labels.csv", index=False)
    received = add("toy", Asked(tested.folder / "labels.csv", "lab", PATTERN, group))
    assert received.held_out == received.cells == tested.cells > 0
    with pytest.raises(SmearflowError, match="was named with"):
        queue("toy", cells, "lab", PATTERN, 99, group="time")


@pytest.mark.usefixtures("queues")
def test_a_queue_names_a_site_until_its_cells_come(project: Path, tmp_path: Path) -> None:
    cells, store = laboratory(tmp_path / "new", patients=6), project / "data/labelled/toy"

    def pattern() -> str | None:
        return read_store(store).sites["lab"].pattern

    queue("toy", cells, "lab", None, budget=3)
    assert "lab" not in read_store(store).sites  # nobody said how its names are read
    queue("toy", cells, "lab", "(?P<patient>9)", budget=3)
    queue("toy", cells, "lab", PATTERN, budget=3)
    assert pattern() == PATTERN  # a slip is put right while it has no cells
    queue("toy", cells, "lab", None, budget=3)
    assert pattern() == PATTERN
    add("toy", Asked(cells, "lab"))
    with pytest.raises(SmearflowError, match="was named with PATTERN"):
        queue("toy", cells, "lab", "(?P<patient>9)", budget=3)


@pytest.mark.usefixtures("queues")
def test_what_a_queue_asks_is_what_a_hand_in_answers(tmp_path: Path) -> None:
    cells = laboratory(tmp_path / "new", patients=6)
    folder, count, of = queue("toy", cells, "lab", PATTERN, budget=9)
    asked = pd.read_csv(folder / "labels.csv", dtype=str)
    sides = {f"57{n}": side_of(f"/57{n}", 0.2, 0.2) for n in range(1, 7)}
    assert "test" in sides.values()
    assert of == 8 * sum(side != "test" for side in sides.values())
    assert len(asked) == count == 9
    assert "test" not in {sides[patient] for patient in asked["patient"]}
    assert (folder / "cells.png").is_file()
    asked.assign(label=[*["Parasitized", "Uninfected"] * 4, ""], reviewer="ada").to_csv(
        folder / "labels.csv", index=False
    )
    received = add("toy", Asked(folder / "labels.csv", "lab"))  # the queue named the site
    assert (received.cells, received.unread, received.held_out) == (8, 1, 0)
    assert (folder / "labels.csv").is_file()  # its queue stays for whoever fills it in
    assert queue("toy", cells, "lab", None, budget=99).of == of - 8
    test = queue("toy", cells, "lab", None, budget=99, for_test=True)
    tested = pd.read_csv(test.folder / "labels.csv", dtype=str)
    assert {sides[patient] for patient in tested["patient"]} == {"test"}
    assert test.cells == test.of > 0
