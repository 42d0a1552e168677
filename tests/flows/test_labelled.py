"""Newly labelled cells: kept once, under the name of their content."""

import shutil
from pathlib import Path

import pytest

from flows.labelled import HandIn, judge_labelled, keep_labelled, new_sources
from smearflow.cells.files import cell_files
from smearflow.cells.labels import Labels
from smearflow.ground.errors import SmearflowError
from smearflow.intake.layout import understand
from smearflow.intake.sources import source_fingerprint
from smearflow.params.ingest import Source
from smearflow.release.card import Card
from tests.material import CLASSES, PROJECT, write_cells, write_deep_cells

CARD = Card(
    version=1,
    classes=CLASSES[::-1],
    threshold=0.5,
    image_size=32,
    model_sha256="0" * 64,
    patient_patterns=(None,),
    least_cells=10,
)
KNOWN = [Source(name="nih", kind="nih")]
SUITE = PROJECT / "expectations/feedback.json"


def kept_in(store: Path, cells: Path) -> Path:
    return keep_labelled(store, HandIn(cells), CARD)


def test_the_same_cells_are_kept_once(tmp_path: Path) -> None:
    store, handed_in = tmp_path / "store", tmp_path / "top" / "cells"
    write_cells(handed_in, patients=1, per_class=1)
    kept = kept_in(store, handed_in.parent)
    assert kept == store / f"0001-{source_fingerprint(handed_in)[:12]}"
    first = cell_files(handed_in)[0]
    assert (kept / first.relative_to(handed_in)).read_bytes() == first.read_bytes()
    assert kept_in(store, handed_in) == kept
    first.unlink()
    fewer = kept_in(store, handed_in)
    assert fewer == store / f"0002-{source_fingerprint(handed_in)[:12]}"
    assert len(cell_files(kept)) == 2
    assert sorted(store.iterdir()) == [kept, fewer]


def test_files_beside_the_class_folders_are_no_cells(tmp_path: Path) -> None:
    cells = write_cells(tmp_path / "new", patients=2)
    kept = kept_in(tmp_path / "store", cells)
    (cells / "labels.csv").write_text("cell,label\n")
    judge_labelled(HandIn(cells), CARD, SUITE, tmp_path / "pages")
    assert kept_in(tmp_path / "store", cells) == kept


def test_only_what_is_not_known_becomes_a_source(tmp_path: Path) -> None:
    kept = kept_in(tmp_path / "store", write_cells(tmp_path / "new", patients=1))
    known = [Source(name="lab", kind="folder", patient_pattern="(?P<patient>.)", bits=12)]
    ((folder, entry),) = new_sources(tmp_path / "store", known).items()
    assert folder == kept
    source = Source.model_validate(entry)
    assert source == Source(
        name=f"labelled-{kept.name}",
        kind="folder",
        sha256=source_fingerprint(kept),
        patient_pattern="(?P<patient>.)",
        corrects=True,
        bits=12,
    )
    assert new_sources(tmp_path / "store", [*known, source]) == {}


@pytest.mark.parametrize("pinned", ["nothing", "another archive"])
def test_a_source_is_known_by_its_name_wherever_its_cells_are(tmp_path: Path, pinned: str) -> None:
    kept = kept_in(tmp_path / "store", write_cells(tmp_path / "new", patients=1))
    sha256 = None if pinned == "nothing" else "0" * 64  # of what was kept with the model
    known = Source(name=f"labelled-{kept.name}", kind="nih", sha256=sha256)
    assert new_sources(tmp_path / "store", [*KNOWN, known]) == {}


def test_cells_beside_rendered_ones_have_names_of_their_kind(tmp_path: Path) -> None:
    kept_in(tmp_path / "store", write_cells(tmp_path / "new", patients=1))
    (entry,) = new_sources(tmp_path / "store", [Source(name="sample", kind="sample")]).values()
    assert entry["kind"] == "nih"


def test_sources_come_in_the_order_in_which_they_were_handed_in(tmp_path: Path) -> None:
    store, cells = tmp_path / "store", write_cells(tmp_path / "new", patients=4, per_class=1)
    kept = []
    for file in cell_files(cells):  # hashes of eight folders are hardly in order by chance
        kept.append(kept_in(store, cells))
        file.unlink()
    assert list(new_sources(store, KNOWN)) == kept


def test_what_is_not_labelled_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="is no folder"):
        kept_in(tmp_path / "store", tmp_path / "nowhere")
    (tmp_path / "cells").mkdir()
    with pytest.raises(SmearflowError, match="Parasitized"):
        kept_in(tmp_path / "store", tmp_path / "cells")


def test_deep_cells_are_read_as_those_of_the_first_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = write_deep_cells(write_cells(tmp_path / "new", patients=2), tmp_path / "deep")
    pages = tmp_path / "pages"
    judge_labelled(HandIn(cells), CARD, SUITE, pages)
    assert "12 bits (0 to 4095), measured over them" in capsys.readouterr().out
    stated = CARD.model_copy(update={"bits": (10,)})
    with pytest.raises(SmearflowError, match=r"2 critical .* can't be known for sure"):
        judge_labelled(HandIn(cells), stated, SUITE, pages)
    assert "above the 10 bits stated" in capsys.readouterr().out


def test_cells_that_contradict_themselves_are_not_accepted(tmp_path: Path) -> None:
    cells = write_cells(tmp_path / "new", patients=2)
    pages = tmp_path / "pages"
    judge_labelled(HandIn(cells), CARD, SUITE, pages)
    assert (pages / "index.html").exists()
    shutil.copy(cells / "Parasitized" / (name := cell_files(cells)[0].name), cells / "Uninfected")
    with pytest.raises(SmearflowError, match=r"two labels.*labels_of_pixels.*feedback\.json"):
        judge_labelled(HandIn(cells), CARD, SUITE, pages)
    assert (pages / "index.html").read_text().count(name) == 3  # as one of two, and as a copy


def another_laboratory(folder: Path) -> Path:
    """Cells whose names are nobody's but their own: <patient>_<field>_<number>."""
    cells = write_cells(folder, patients=2, per_class=2)
    for number, file in enumerate(cell_files(cells)):
        file.rename(file.with_name(f"57{file.name[1]}_{number % 3}_{number}.png"))
    return cells


def test_cells_with_names_of_their_own_need_a_pattern_which_is_kept_with_them(
    tmp_path: Path,
) -> None:
    cells, store = another_laboratory(tmp_path / "new"), tmp_path / "store"
    with pytest.raises(SmearflowError, match=r"PATTERN='.*GROUP=file") as caught:
        keep_labelled(store, HandIn(cells), CARD)
    assert "\n" not in str(caught.value)
    pattern = r"^(?P<patient>\d+)_(?P<field>\d+)_"
    handed_in = HandIn(cells, pattern)
    judge_labelled(handed_in, CARD, SUITE, tmp_path / "pages")
    kept = keep_labelled(store, handed_in, CARD)
    ((folder, entry),) = new_sources(store, KNOWN).items()
    assert folder == kept
    source = Source.model_validate(entry)
    found = understand(folder, source, Labels.named(CARD.classes))
    assert {cell.name.patient for cell in found.cells} == {"571", "572"}
    assert {cell.name.field for cell in found.cells} == {"0", "1", "2"}
    assert len(found.cells) == 8


def test_cells_of_nobody_known_stay_together_by_what_is_named(tmp_path: Path) -> None:
    cells, store = another_laboratory(tmp_path / "new"), tmp_path / "store"
    handed_in = HandIn(cells, None, "file")
    judge_labelled(handed_in, CARD, SUITE, tmp_path / "pages")
    keep_labelled(store, handed_in, CARD)
    (entry,) = new_sources(store, KNOWN).values()
    assert Source.model_validate(entry).group == "file"


def test_labels_of_no_class_name_no_settings(tmp_path: Path) -> None:
    cells = another_laboratory(tmp_path / "new")
    rows = [f"{file.name},{file.parent.name}" for file in cell_files(cells)]
    rows[0] = f"{rows[0].partition(',')[0]},ring"
    for label, folder in zip(CARD.classes, "ab", strict=True):
        (cells / label).rename(cells / folder)
    (cells / "labels.csv").write_text("\n".join(["file,label", *rows]))
    with pytest.raises(SmearflowError, match=r"ring \(1\)") as caught:
        keep_labelled(tmp_path / "store", HandIn(cells), CARD)
    assert "params.yaml" not in str(caught.value)
    assert "ingest" not in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "group", "named"),
    [("(", "patient", "PATTERN"), (r"\d+", "patient", "PATTERN"), (None, "person", "GROUP")],
)
def test_a_pattern_or_a_group_that_can_not_be(
    tmp_path: Path, pattern: str | None, group: str, named: str
) -> None:
    cells = another_laboratory(tmp_path / "new")
    with pytest.raises(SmearflowError) as caught:
        keep_labelled(tmp_path / "store", HandIn(cells, pattern, group), CARD)
    assert caught.value.problem.startswith(f"{named}: ")


def test_cells_of_any_layout_are_kept_with_what_is_known_of_them(tmp_path: Path) -> None:
    cells = write_cells(tmp_path / "new", patients=3, per_class=1)
    rows = ["image,finding,person"]
    (tmp_path / "flat").mkdir()
    for number, file in enumerate(cell_files(cells)):
        rows.append(f"{number}.png,{file.parent.name},{file.name[:2]}")
        file.rename(tmp_path / f"flat/{number}.png")
    (tmp_path / "flat/labels.csv").write_text("\n".join(rows).replace("person", "patient"))
    keep_labelled(tmp_path / "store", HandIn(tmp_path / "flat"), CARD)
    ((folder, entry),) = new_sources(tmp_path / "store", KNOWN).items()
    source = Source.model_validate(entry)
    found = understand(folder, source, Labels.named(CARD.classes))
    assert {cell.name.patient for cell in found.cells} == {"C1", "C2", "C3"}
    assert sorted(cell.label for cell in found.cells) == ["Parasitized"] * 3 + ["Uninfected"] * 3
