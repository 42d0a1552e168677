"""Newly labelled cells: kept once, under the name of their content."""

import shutil
from pathlib import Path

import pytest

from flows.labelled import appended, judge_labelled, keep_labelled, new_sources
from smearflow.cells.files import cell_files
from smearflow.cells.sources import source_fingerprint
from smearflow.errors import SmearflowError
from smearflow.params import Params
from tests.flows.toy import toy_params
from tests.material import CLASSES, PROJECT, write_cells, write_deep_cells


@pytest.fixture
def params(cells: Path) -> Params:
    return Params.model_validate(toy_params(cells))


def test_the_same_cells_are_kept_once(tmp_path: Path) -> None:
    store, handed_in = tmp_path / "store", tmp_path / "top" / "cells"
    write_cells(handed_in, patients=1, per_class=1)
    kept = keep_labelled(store, handed_in.parent, CLASSES)
    assert kept == store / f"0001-{source_fingerprint(handed_in)[:12]}"
    first = cell_files(handed_in)[0]
    assert (kept / first.relative_to(handed_in)).read_bytes() == first.read_bytes()
    assert keep_labelled(store, handed_in, CLASSES) == kept
    first.unlink()
    fewer = keep_labelled(store, handed_in, CLASSES)
    assert fewer == store / f"0002-{source_fingerprint(handed_in)[:12]}"
    assert len(cell_files(kept)) == 2
    assert sorted(store.iterdir()) == [kept, fewer]


def test_files_beside_the_class_folders_are_no_cells(tmp_path: Path, params: Params) -> None:
    cells = write_cells(tmp_path / "new", patients=2)
    kept = keep_labelled(tmp_path / "store", cells, CLASSES)
    (cells / "labels.csv").write_text("cell,label\n")
    judge_labelled(cells, params, PROJECT / "expectations/feedback.json", tmp_path / "pages")
    assert keep_labelled(tmp_path / "store", cells, CLASSES) == kept


def test_only_what_is_not_known_becomes_a_source(tmp_path: Path, params: Params) -> None:
    kept = keep_labelled(tmp_path / "store", write_cells(tmp_path / "new", patients=1), CLASSES)
    known = params.ingest.sources
    entries = new_sources(tmp_path / "store", known)
    assert [entry["location"] for entry in entries] == [str(kept)]
    ((key, entry),) = appended(params, entries)
    assert key == "ingest.sources.1"
    source = known[0].model_validate(entry)
    assert source.patient_pattern == known[0].patient_pattern
    assert source.corrects
    assert new_sources(tmp_path / "store", [*known, source]) == []


def test_sources_come_in_the_order_in_which_they_were_handed_in(
    tmp_path: Path, params: Params
) -> None:
    store, cells = tmp_path / "store", write_cells(tmp_path / "new", patients=4, per_class=1)
    kept = []
    for file in cell_files(cells):  # hashes of eight folders are hardly in order by chance
        kept.append(keep_labelled(store, cells, CLASSES))
        file.unlink()
    entries = new_sources(store, params.ingest.sources)
    assert [entry["location"] for entry in entries] == [str(folder) for folder in kept]


def test_what_is_not_labelled_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="is no folder"):
        keep_labelled(tmp_path / "store", tmp_path / "nowhere", CLASSES)
    (tmp_path / "cells").mkdir()
    with pytest.raises(SmearflowError, match="Parasitized"):
        keep_labelled(tmp_path / "store", tmp_path / "cells", CLASSES)


def test_deep_cells_are_read_as_those_of_the_first_source(
    tmp_path: Path, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = write_deep_cells(write_cells(tmp_path / "new", patients=2), tmp_path / "deep")
    suite, pages = PROJECT / "expectations/feedback.json", tmp_path / "pages"
    judge_labelled(cells, params, suite, pages)
    assert "12 bits (0 to 4095), measured over them" in capsys.readouterr().out
    source = params.ingest.sources[0].model_copy(update={"bits": 10})
    ingest = params.ingest.model_copy(update={"sources": (source,)})
    stated = params.model_copy(update={"ingest": ingest})
    with pytest.raises(SmearflowError, match=r"2 critical .* can't be known for sure"):
        judge_labelled(cells, stated, suite, pages)
    assert "above the 10 bits stated" in capsys.readouterr().out
    kept = keep_labelled(tmp_path / "store", cells, CLASSES)
    (entry,) = new_sources(tmp_path / "store", stated.ingest.sources)
    assert (entry["location"], entry["bits"]) == (str(kept), 10)


def test_cells_that_contradict_themselves_are_not_accepted(tmp_path: Path, params: Params) -> None:
    cells = write_cells(tmp_path / "new", patients=2)
    suite, pages = PROJECT / "expectations/feedback.json", tmp_path / "pages"
    judge_labelled(cells, params, suite, pages)
    assert (pages / "index.html").exists()
    shutil.copy(cells / "Parasitized" / (name := cell_files(cells)[0].name), cells / "Uninfected")
    with pytest.raises(SmearflowError, match=r"two labels.*labels_of_pixels.*feedback\.json"):
        judge_labelled(cells, params, suite, pages)
    assert (pages / "index.html").read_text().count(name) == 3  # as one of two, and as a copy
