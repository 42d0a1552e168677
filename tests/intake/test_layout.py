"""Folders as people have them, each understood; what is advised where there is no telling."""

import io
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from smearflow.cells.labels import Labels
from smearflow.cells.naming import Name
from smearflow.ground.errors import SmearflowError
from smearflow.intake.cutting import Contents
from smearflow.intake.layout import understand
from smearflow.intake.listing import Listing
from smearflow.intake.sources import source_fingerprint
from smearflow.params.ingest import Source
from tests.intake.boxes.material import voc, write_fields, write_text
from tests.material import CLASSES, LABELS, write_cells

PATIENTS, PER_CLASS = 6, 3
CELLS = PATIENTS * PER_CLASS * 2
THREE = ("train", "val", "test")


def laid_out(folder: Path, place: str) -> Path:
    """The cells of 6 patients in a layout; returns the folder.

    Args:
        place: of a cell, from its number {n}, class {c}, patient {p} and published name {f}; also
            {two} and {three}, its number modulo these, {each} in its class, {side} and {C}.
    """
    cells = write_cells(folder.parent / "as published", patients=PATIENTS, per_class=PER_CLASS)
    for number, file in enumerate(sorted(cells.glob("*/*"))):
        label = file.parent.name
        target = folder / place.format(
            n=number,
            c=label,
            p=file.name.partition("P")[0],
            f=file.name,
            two=number % 2,
            three=number % 3,
            each=number % (CELLS // 2),
            side=THREE[number % 3],
            C=label.upper(),
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return folder


def read(folder: Path, labels: Labels = LABELS, **settings: object) -> Listing:
    source = Source.model_validate({"name": "lab", "kind": "folder"} | settings)
    return understand(folder, source, labels)


def told(folder: Path, labels: Labels = LABELS, **settings: object) -> SmearflowError:
    with pytest.raises(SmearflowError) as caught:
        read(folder, labels, **settings)
    assert "\n" not in str(caught.value)
    return caught.value


def patients(listing: Listing) -> set[str | None]:
    return {cell.name.patient for cell in listing.cells}


def left_out(listing: Listing) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for part in listing.facts.left_out:
        counts[part.reason] = counts.get(part.reason, 0) + part.count
    return counts


def check_labels(listing: Listing, cells: Path) -> None:
    """Every cell has the class of the same image as it was published."""
    published = {file.read_bytes(): file.parent.name for file in cells.glob("*/*")}
    assert {cell.file.read_bytes(): cell.label for cell in listing.cells} == published


ALL = {f"C{number}" for number in range(1, PATIENTS + 1)}


@pytest.mark.parametrize(
    ("place", "layout", "by", "people"),
    [
        ("{c}/{f}", "<class>/<file>", "file names", ALL),
        ("a/b/{c}/{f}", "<class>/<file>", "file names", ALL),
        ("{C}/{f}", "<class>/<file>", "file names", ALL),
        ("{c}/{c}/{f}", "<class>/<file>", "file names", ALL),
        ("{c}/{p}/{n}.png", "<class>/<patient>/<file>", "folder names", ALL),
        ("{p}/{c}/{n}.png", "<patient>/<class>/<file>", "folder names", ALL),
        ("{p}/{c}/{each}.png", "<patient>/<class>/<file>", "folder names",
         ALL),
        ("x/{p}/images/{c}/{n}.png", "<patient>/<class>/<file>",
         "folder names", ALL),
        ("{c}/{p}/fov{two}/{n}.png", "<class>/<patient>/<field>/<file>",
         "folder names", ALL),
        ("{p}/{c}/field {two}/{n}.png", "<patient>/<class>/<field>/<file>",
         "folder names", ALL),
        ("site{two}/{c}/{p}/{n}.png", "<site>/<class>/<patient>/<file>",
         "folder names", ALL),
        ("lab{two}/{p}/{c}/{n}.png", "<site>/<patient>/<class>/<file>",
         "folder names", ALL),
        ("{c}/{two}x/{p}/{n}.png", "<class>/<site>/<patient>/<file>",
         "folder names", ALL),
        ("{p}/visit{two}/{c}/{n}.png", "<patient>/<field>/<class>/<file>",
         "folder names", ALL),
        ("{p}/2024-01-0{three}/{c}/{n}.png", "<patient>/<time>/<class>/<file>",
         "folder names", ALL),
        ("{side}/{c}/{f}", "<side>/<class>/<file>", "file names", ALL),
        ("{c}/{side}/{p}/{n}.png", "<side>/<class>/<patient>/<file>",
         "folder names", ALL),
        ("{side} Set/{p}/{c}/{n}.png", "<side>/<patient>/<class>/<file>",
         "folder names", ALL),
        ("{c}/2024-01-0{three}/{n}.png", "<class>/<time>/<file>", None,
         {None}),
        ("{c}/images of {c}/{n}.png", "<class>/<file>", None, {None}),
        ("{c}/{n}.png", "<class>/<file>", None, {None}),
    ],
)  # fmt: skip
def test_folders_tell_classes_and_patients(
    tmp_path: Path, place: str, layout: str, by: str | None, people: set[str | None]
) -> None:
    folder = laid_out(tmp_path / "cells", place)
    listing = read(folder)
    assert len(listing.cells) == CELLS
    check_labels(listing, tmp_path / "as published")
    assert (listing.facts.layout, listing.facts.patients_by) == (layout, by)
    assert patients(listing) == people
    paths = [cell.path for cell in listing.cells]
    assert paths == sorted(set(paths))


@pytest.mark.parametrize("kinds", [("vivax", "P. falciparum"), ("thin", "thick")])
def test_folders_around_the_patients_of_one_class_are_none(
    tmp_path: Path, kinds: tuple[str, str]
) -> None:
    folder = laid_out(tmp_path / "cells", "{c}/{p}/{n}.png")
    for number, patient in enumerate(sorted((folder / "Parasitized").iterdir())):
        other = folder / "Parasitized" / kinds[number % 2] / patient.name
        other.parent.mkdir(exist_ok=True)
        patient.rename(other)
    listing = read(folder)
    assert patients(listing) == ALL
    assert "<patient>/<file>" in listing.facts.layout


def test_a_folder_more_in_one_place_changes_nobody(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "cells", "{c}/{p}/{n}.png")
    first, second = sorted((folder / "Uninfected/C3").iterdir())[:2]
    (folder / "Uninfected/C3/again").mkdir()
    first.rename(folder / "Uninfected/C3/again" / first.name)
    second.rename(folder / "Uninfected" / second.name)
    listing = read(folder)
    assert patients(listing) == {*ALL, None}
    assert sum(cell.name.patient == "C3" for cell in listing.cells) == PER_CLASS * 2 - 1


def test_stages_of_parasites_are_no_patients(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "cells", "{c}/{n}.png")
    for number, file in enumerate(sorted((folder / "Parasitized").iterdir())):
        other = folder / "Parasitized" / ("rings", "Trophozoite")[number % 2]
        other.mkdir(exist_ok=True)
        file.rename(other / file.name)
    listing = read(folder)
    assert (patients(listing), listing.facts.patients_by) == ({None}, None)


def test_a_pattern_goes_before_folders(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "cells", "{p}/{c}/{three}-{n}.png")
    listing = read(folder, patient_pattern=r"^(?P<patient>\d+)-")
    assert (patients(listing), listing.facts.patients_by) == ({"0", "1", "2"}, "pattern")
    listing = read(folder, patient_pattern=r"^(?P<patient>C\d+)/.*/(?P<field>\d)-")
    assert patients(listing) == ALL
    assert {cell.name.field for cell in listing.cells} == {"0", "1", "2"}


def test_a_class_of_several_labels(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "cells", "{c}/{f}")
    for number, file in enumerate(sorted((folder / "Parasitized").iterdir())):
        other = folder / ("vivax", "Ovale")[number % 2]
        other.mkdir(exist_ok=True)
        file.rename(other / file.name)
    (folder / "Parasitized").rmdir()
    both = Labels(("Uninfected", "vivax or ovale"), (("Uninfected",), ("vivax", "ovale")), {})
    listing = read(folder, both)
    assert len(listing.cells) == CELLS
    assert {cell.label for cell in listing.cells} == set(both.classes)
    assert listing.facts.labels == {
        "Ovale": "vivax or ovale",
        "Uninfected": "Uninfected",
        "vivax": "vivax or ovale",
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Class folders with the cells of 6 patients."""
    return write_cells(tmp_path / "cell_images", patients=PATIENTS, per_class=PER_CLASS)


@pytest.mark.parametrize("place", ["cell_images", "backup/old", "cell_images/cell_images"])
def test_a_copy_inside_is_left_out(folder: Path, place: str) -> None:
    copy = shutil.copytree(folder, folder.parent / "copy")
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    copy.rename(folder / place)
    next((folder / place).glob("*/*")).unlink()  # of which a part was lost
    listing = read(folder.parent)
    assert len(listing.cells) == CELLS
    assert left_out(listing) == {"copy": CELLS - 1}
    assert all(str(cell.path).count("/") == 1 for cell in listing.cells)


def test_a_copy_beside_is_left_out(folder: Path) -> None:
    shutil.copytree(folder, folder.parent / "cell_images (1)")
    listing = read(folder.parent)
    assert (len(listing.cells), left_out(listing)) == (CELLS, {"copy": CELLS})


@pytest.mark.parametrize("option", ["DATA", "CELLS"])
def test_class_folders_twice_that_differ(folder: Path, option: str) -> None:
    inner = shutil.copytree(folder, folder.parent / "copy").rename(folder / "cell_images")
    next(inner.glob("*/*")).write_bytes(b"another")
    with pytest.raises(SmearflowError) as caught:
        understand(folder, Source(name="lab", kind="folder"), LABELS, option)
    assert f"{option}={inner}, " in caught.value.action
    assert f"move cell_images out of {folder}" in caught.value.action
    inner.rename(folder.parent / "moved")  # following the advice helps
    assert len(read(folder).cells) == CELLS


def test_a_class_inside_a_class_is_refused(folder: Path) -> None:
    shutil.move(folder / "Uninfected", folder / "Parasitized/uninfected")
    error = told(folder)
    assert "two classes, Parasitized and uninfected" in error.problem
    assert error.action.startswith("move uninfected out of Parasitized/")


def test_images_of_no_class_stop_until_somebody_says_what_they_are(folder: Path) -> None:
    image = next(folder.glob("*/*"))
    (folder / "unsure").mkdir()
    for number in range(3):
        shutil.copy(image, folder / f"unsure/{number}.png")
    error = told(folder)
    assert "holds unsure with 3 images beside the class folders" in error.problem
    assert "{unsure: null} to leave it out" in error.action
    listing = read(folder, Labels(LABELS.classes, LABELS.spellings, {"unsure": None}))
    assert (len(listing.cells), left_out(listing)) == (CELLS, {"label left out": 3})


def test_what_has_no_label_is_left_out_and_told(folder: Path) -> None:
    image = next(folder.glob("*/*"))
    shutil.copy(image, folder / "overview.png")
    (folder / "test").mkdir()
    shutil.copy(image, folder / "test/1.png")  # as competitions hand out what is to be predicted
    listing = read(folder)
    assert (len(listing.cells), left_out(listing)) == (CELLS, {"no label": 2})


def test_what_is_no_image_is_counted(folder: Path) -> None:
    (folder / "Parasitized/Thumbs.db").write_bytes(b"1")
    (folder / "Parasitized/a.xml").write_text("<a/>")
    (folder / "scripts/old").mkdir(parents=True)
    (folder / "scripts/old/run.py").write_text("pass")
    (folder / "Uninfected/loop").symlink_to(folder)
    listing = read(folder)
    assert len(listing.cells) == CELLS
    assert left_out(listing) == {"no image": 3, "broken link": 1}


def test_images_that_are_not_read(folder: Path) -> None:
    for number in range(3):
        (folder / f"Uninfected/{number}.czi").write_bytes(b"")
    assert "does not read: 3 .czi" in told(folder).problem
    assert "PNG or TIFF" in told(folder).action


def test_names_of_no_class(folder: Path) -> None:
    for label, other in zip(CLASSES, ("sick", "well"), strict=True):
        (folder / label).rename(folder / other)
    error = told(folder)
    assert "holds sick, well, expected Uninfected and Parasitized" in error.problem
    assert "problem.positive" in error.action
    (folder / "sick").rename(folder / "Parasitized")
    assert "holds well with 18 images beside the class folders" in told(folder).problem


def test_an_archive_beside_the_cells_counts_where_a_class_is_missing(folder: Path) -> None:
    (folder / "cells.zip").write_bytes(b"PK")
    assert left_out(read(folder)) == {"no image": 1}
    shutil.rmtree(folder / "Parasitized")
    assert "no cells of Parasitized, but 1 .zip" in told(folder).problem


@pytest.mark.parametrize("place", ["masks/{c}/{f}", "{c}/masks/{f}", "{c}/Cell_Masks/{n}/{f}"])
def test_masks_in_their_folders_are_no_cells(folder: Path, place: str) -> None:
    for number, file in enumerate(sorted(folder.glob("*/*.png"))):
        mask = folder / place.format(c=file.parent.name, f=file.name, n=number)
        mask.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, mask.with_suffix(".bmp"))
    listing = read(folder)
    assert (len(listing.cells), left_out(listing)) == (CELLS, {"mask": CELLS})
    assert listing.facts.layout == "<class>/<file>"


def test_masks_beside_their_images_are_no_cells(folder: Path) -> None:
    first, second, *_ = sorted((folder / "Uninfected").iterdir())
    shutil.copy(first, first.with_stem(f"{first.stem}_mask"))
    second.rename(second.with_stem(f"{second.stem}_mask"))  # of which there is no other
    listing = read(folder)
    assert (len(listing.cells), left_out(listing)) == (CELLS, {"mask": 1})


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("images/1.json", "1 .json"),
        ("a.xml", "1 .xml"),
        ("labels.xlsx", "1 .xlsx"),
        ("GT/3.txt", "1 .txt"),
        ("labels.csv", "no column of labels.csv names the images, as 0.png"),
    ],
)
def test_labels_that_are_not_read_are_named(flat: Path, name: str, named: str) -> None:
    (flat / "README.txt").write_text("1 2")
    assert "holds no folders" in told(flat).problem
    (flat / name).parent.mkdir(exist_ok=True)
    (flat / name).write_text("{}")
    assert named in told(flat).problem
    assert "docs/cells.md" in told(flat).action


def test_a_pattern_of_fields_leaves_patients_to_folders(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "cells", "{p}/{c}/fov{three}-{n}.png")
    listing = read(folder, patient_pattern=r"^fov(?P<field>\d)")
    assert (patients(listing), listing.facts.patients_by) == (ALL, "folder names")
    assert {cell.name.field for cell in listing.cells} == {"0", "1", "2"}
    folder = laid_out(tmp_path / "flat", "{c}/fov{three}-{n}.png")
    listing = read(folder, patient_pattern=r"^fov(?P<field>\d)", group="field")
    assert (patients(listing), listing.facts.patients_by) == ({None}, None)
    assert {cell.name.field for cell in listing.cells} == {"0", "1", "2"}


@pytest.mark.parametrize("what", ["nothing", "an archive", "archives"])
def test_no_class_folders(tmp_path: Path, what: str) -> None:
    if what == "an archive":
        (tmp_path / "cells.zip").write_bytes(b"PK")
        assert f"DATA={tmp_path}/cells.zip" in told(tmp_path).action
    elif what == "archives":
        for label in CLASSES:
            (tmp_path / f"{label}.zip").write_bytes(b"PK")
        assert "unpack each" in told(tmp_path).action  # one alone would be one class
    else:
        assert "holds no folders, expected" in told(tmp_path).problem


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    """One folder with the images of 6 patients by their numbers."""
    return laid_out(tmp_path / "flat", "images/{n}.png")


def rows_of(tmp_path: Path, line: str) -> list[str]:
    """A line for each image of `flat`: {n} its number, {c} its class, {p} its patient."""
    files = sorted((tmp_path / "as published").glob("*/*"))
    return [
        line.format(n=number, c=file.parent.name, p=file.name.partition("P")[0])
        for number, file in enumerate(files)
    ]


@pytest.mark.parametrize(
    ("head", "line", "encoding"),
    [
        ("image,diagnosis,patient", "{n}.png,{c},{p}", "utf-8"),
        ("image;diagnosis;Patient ID", "{n}.png;{c};{p}", "utf-8-sig"),
        ("patient\tfile\tclass", "{p}\timages/{n}.png\t{c}", "utf-16"),
        ("path,label,case", "C:\\data\\images\\{n}.jpg,{c},{p}", "cp1252"),
        ("id,label,subject", "{n},{c},{p}", "utf-8"),
        ("größe,file,label,patient", "5,/home/me/images/{n}.PNG,{c},{p}", "cp1252"),
        ("sep=;\r\nNr;Datei;Befund;Fläche;Patient No.;;", "1;{n}.png;{c};0,5;{p};;", "utf-8-sig"),
        ("id,label,participant_code", "{n}.png,{c},{p}\r\n,,\r\n{n}.png,,", "utf-8"),
        ("x,y,width,height,file,label,donor", "1,2,3,4,{n}.png,{c},{p}", "utf-8"),
    ],
)
def test_a_table_tells_labels_and_patients(
    tmp_path: Path, flat: Path, head: str, line: str, encoding: str
) -> None:
    text = "\r\n".join([head, *rows_of(tmp_path, line)])
    (flat / "labels.csv").write_bytes(text.encode(encoding))
    listing = read(flat)
    assert len(listing.cells) == CELLS
    check_labels(listing, tmp_path / "as published")
    assert (patients(listing), listing.facts.patients_by) == (ALL, "column")
    assert listing.explicit


def test_columns_are_named_where_they_can_not_be_guessed(tmp_path: Path, flat: Path) -> None:
    rows = ["a,b,c,d,e", *rows_of(tmp_path, "{n}.png,{c},{p},{n}-7,9:30")]
    (flat / "labels.csv").write_text("\n".join(rows).replace(*CLASSES[:1], "1", 10**6))
    (flat / "labels.csv").write_text((flat / "labels.csv").read_text().replace("Uninfected", "0"))
    assert "no column of it holds Parasitized and Uninfected" in told(flat).problem
    labels = Labels(LABELS.classes, LABELS.spellings, {"1": "Parasitized", "0": "Uninfected"})
    columns = {"label": "b", "patient": "c", "field": "d", "time": "e"}
    listing = read(flat, labels, table="labels.csv", columns=columns)
    check_labels(listing, tmp_path / "as published")
    assert listing.cells[0].name == Name("C1", "0-7", "9:30")
    assert "no column x, but a, b, c, d, e" in told(flat, columns={"patient": "x"}).problem


def test_a_typed_table(tmp_path: Path, flat: Path) -> None:
    import pandas as pd

    files = sorted((tmp_path / "as published").glob("*/*"))
    table = pd.DataFrame(
        {
            "file": [f"{number}.png" for number in range(len(files))],
            "infected": [float(file.parent.name == CLASSES[0]) for file in files],
            "patient": [int(file.name[1]) for file in files],
        }
    )
    table.set_index("file").to_parquet(flat / "labels.parquet")
    labels = Labels(LABELS.classes, (("0",), ("1",)), {})
    listing = read(flat, labels)
    check_labels(listing, tmp_path / "as published")
    assert patients(listing) == set("123456")


def test_tables_without_names_of_columns_tell_patients(tmp_path: Path) -> None:
    """As the NLM publishes them: a patient and a file in each row, a table a class."""
    folder = laid_out(tmp_path / "cells", "{c}/{n}.png")
    rows = rows_of(tmp_path, "{p},{n}.png")
    (folder / "parasitized.csv").write_text("\n".join(rows[: CELLS // 2]))
    (folder / "uninfected.csv").write_text("\n".join(rows[CELLS // 2 :]))
    assert patients(read(folder)) == {None}
    listing = read(folder, table=("parasitized.csv", "uninfected.csv"))
    assert (patients(listing), listing.facts.layout) == (ALL, "<class>/<file>")
    check_labels(listing, tmp_path / "as published")


def test_what_a_table_and_its_folder_do_not_share_is_told(tmp_path: Path, flat: Path) -> None:
    rows = ["file,label", *rows_of(tmp_path, "{n}.png,{c}")]
    rows[1] = "lost.png,Parasitized"
    (flat / "labels.csv").write_text("\n".join(rows))
    listing = read(flat)
    assert len(listing.cells) == CELLS - 1
    assert left_out(listing) == {"no file": 1, "no label": 1}


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (["0.png,Uninfected", "0.png,Parasitized"], "differ on images/0.png"),
        (["0.png,leukocyte", "1.png,leukocyte"], "Parasitized nor Uninfected: leukocyte (2)"),
    ],
)
def test_a_table_that_can_not_be_right(flat: Path, rows: list[str], problem: str) -> None:
    (flat / "labels.csv").write_text("\n".join(["file,label", *rows]))
    assert problem in told(flat, table="labels.csv", columns={"label": "label"}).problem


def test_a_table_whose_labels_are_partly_unknown_or_missing(tmp_path: Path, flat: Path) -> None:
    rows = rows_of(tmp_path, "{n}.png,{c}")
    rows[0], rows[1] = "0.png,", "1.png,unsure"
    (flat / "labels.csv").write_text("\n".join(["file,finding", *rows]))
    assert "neither Parasitized nor Uninfected: unsure (1)" in told(flat).problem
    rows.pop(1)
    (flat / "labels.csv").write_text("\n".join(["file,finding", *rows]))
    listing = read(flat)
    assert (len(listing.cells), left_out(listing)) == (CELLS - 2, {"no label": 2})


def test_two_experts_who_differ_are_not_chosen_from(tmp_path: Path, flat: Path) -> None:
    rows = rows_of(tmp_path, "{n}.png,{c},{c}")
    (flat / "labels.csv").write_text("\n".join(["file,one,two", *rows]))
    check_labels(read(flat), tmp_path / "as published")
    rows[0] = "0.png,Parasitized,Uninfected"
    (flat / "labels.csv").write_text("\n".join(["file,one,two", *rows]))
    assert "one, two" in told(flat).problem
    assert len(read(flat, columns={"label": "one"}).cells) == CELLS


@pytest.mark.parametrize("table", [None, ("labels.csv", "people.csv")])
def test_labels_and_patients_in_two_tables(
    tmp_path: Path, flat: Path, table: tuple[str, ...] | None
) -> None:
    labels, people = rows_of(tmp_path, "{n}.png,{c}"), rows_of(tmp_path, "{n}.png,{p}")
    (flat / "labels.csv").write_text("\n".join(["file,diagnosis", *labels]))
    (flat / "people.csv").write_text("\n".join(["image,patient", *people]))
    listing = read(flat, table=table)
    check_labels(listing, tmp_path / "as published")
    assert (patients(listing), listing.facts.patients_by) == (ALL, "column")
    listing = read(flat, columns={"label": "diagnosis", "patient": "patient"}, table=table)
    assert patients(listing) == ALL
    assert "have no column who" in told(flat, columns={"patient": "who"}, table=table).problem


def test_a_table_of_boxes_is_no_table_of_cells(flat: Path) -> None:
    rows = [f"{n}.png,{c},1,2,30,40" for n in range(4) for c in CLASSES[:1] * 3]
    (flat / "labels.csv").write_text("\n".join(["file,class,xmin,ymin,xmax,ymax", *rows]))
    assert "a box in each row" in told(flat).problem
    assert "COCO" in told(flat).action


def test_numbers_as_labels_do_not_name_images(tmp_path: Path, flat: Path) -> None:
    rows = rows_of(tmp_path, "{c},{p},{n}.png")
    text = "\n".join(["label,patient,file", *rows])
    for label, digit in zip(CLASSES, "10", strict=True):
        text = text.replace(label, digit)
    (flat / "labels.csv").write_text(text)
    listing = read(flat, Labels(LABELS.classes, (("0",), ("1",)), {}))
    check_labels(listing, tmp_path / "as published")


def test_true_and_false_are_labels_as_a_file_of_settings_has_them() -> None:
    source = Source.model_validate(
        {
            "name": "lab",
            "kind": "folder",
            "labels": {True: "Parasitized", False: "Uninfected", 2: None},
        }
    )
    assert source.labels == {"True": "Parasitized", "False": "Uninfected", "2": None}


def test_names_that_two_files_have(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "cells", "{p}/{each}-{c}.png")
    (folder / "C2/0-Parasitized.png").write_bytes(b"")
    (folder / "labels.csv").write_text("file,label\n0-Parasitized.png,Parasitized\n")
    assert "may be C1/0-Parasitized.png or C2/0-Parasitized.png" in told(folder).problem
    (folder / "labels.csv").write_text("file,label\nC1/0-Parasitized.png,Parasitized\n")
    assert [cell.path for cell in read(folder).cells] == ["C1/0-Parasitized.png"]


def test_a_table_at_odds_with_its_folder(folder: Path) -> None:
    name = next((folder / "Parasitized").iterdir()).name
    (folder / "labels.csv").write_text(f"file,label\nParasitized/{name},Uninfected\n")
    assert len(read(folder).cells) == CELLS  # nobody said that it is to be read
    assert "elsewhere it is Parasitized" in told(folder, table="labels.csv").problem


def test_a_table_that_is_not_there(folder: Path) -> None:
    assert "holds no tables other.csv" in told(folder, table="other.csv").problem


def test_a_pin_covers_tables(flat: Path) -> None:
    before = source_fingerprint(flat)
    (flat / "labels.csv").write_text("file,label\n")
    assert source_fingerprint(flat) != before
    assert source_fingerprint(flat / "labels.csv") == source_fingerprint(flat)


def test_boxes_tell_cells_of_patients_by_folder(tmp_path: Path) -> None:
    for patient in ("p1", "p2"):
        write_fields(tmp_path / "cells", f"images/{patient}/1.png")
        text = voc((4, 4, 24, 24, "Parasitized"), (30, 30, 60, 60, "Uninfected"))
        write_text(tmp_path / f"cells/images/{patient}/1.xml", text)
    listing = read(tmp_path / "cells")
    assert [cell.path for cell in listing.cells] == [
        f"images/{patient}/1/{number}.png"
        for patient in ("p1", "p2")
        for number in ("0001", "0002")
    ]
    assert listing.cells[0].name == Name("p1", "images/p1/1")
    assert (listing.facts.patients_by, listing.explicit) == ("folder names", True)
    assert left_out(listing) == {}
    contents = Contents(listing.cells)
    crop = Image.open(io.BytesIO(contents.read("images/p2/1/0002.png")))
    assert crop.size == (37, 37)  # 31 pixels and a tenth more on each side
