"""Sound cells, laid out as people have them: what is understood, and what is said of it."""

import shutil
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.bad_input.cases import Row
from tests.bad_input.lab import Lab
from tests.bad_input.spoil import no_change
from tests.intake.boxes.material import voc, write_text

Lay = Callable[[Lab], None]
ALL, PATIENTS = 240, 24
NO_PATIENTS = (
    "nih: warning: what stays on one side of the split is {}, not one patient: a patient's cells "
    "look alike and may be on both, so figures will be too good"
)


@dataclass(frozen=True)
class Layout(Row):
    """A row of the table whose command is the stage ingest.

    Attributes:
        lay: moves the 240 cells of 24 patients of a laboratory into this layout.
        settings: of the source, beside those of the laboratory.
        problem: labels of the classes, where they are others.
        cells: that are found.
        patients: likewise.
        exact: whether the pixels of a cell are those of the file it came from.
    """

    lay: Lay = no_change
    settings: Mapping[str, Any] = field(default_factory=dict)
    problem: Mapping[str, Any] = field(default_factory=dict)
    cells: int = ALL
    patients: int = PATIENTS
    exact: bool = True


def moved(place: str) -> Lay:
    """Move every cell.

    Args:
        place: from the cell's number {n}, class {c}, patient {p} and name {f}, the name of a side
            {side}, and the other case of the class {C}.
    """

    def lay(lab: Lab) -> None:
        old = lab.folder / "old"
        lab.cells.rename(old)
        for number, file in enumerate(sorted(old.glob("*/*"))):
            label, name = file.parent.name, file.name
            target = lab.cells / place.format(
                n=number,
                c=label,
                C=label.upper(),
                p=name.partition("P")[0],
                f=name,
                side=("train", "valid", "test")[number % 3],
                species=("vivax", "falciparum")[number % 2] if label[0] == "P" else label,
            )
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)

    return lay


def nested_copy(lab: Lab) -> None:
    copy = shutil.copytree(lab.cells, lab.folder / "copy")
    copy.rename(lab.cells / lab.cells.name)


def bystanders(lab: Lab) -> None:
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store", "Icon\r", "@eaDir/x.png/SYNO@.jpg"):
        (lab.cells / "Parasitized" / name).parent.mkdir(parents=True, exist_ok=True)
        (lab.cells / "Parasitized" / name).write_bytes(b"whatever")
    for file in lab.files[:5]:
        file.with_suffix(".xml").write_text("<annotation/>")
        file.with_name(f"{file.name}:Zone.Identifier").write_text("[ZoneTransfer]")
    (lab.cells / "README").write_text("as exported")


def links(lab: Lab) -> None:
    store = lab.cells.rename(lab.folder / "store")
    lab.cells.mkdir()
    (lab.cells / "Parasitized").symlink_to(store / "Parasitized")
    (lab.cells / "Uninfected").mkdir()
    for file in sorted((store / "Uninfected").iterdir()):
        (lab.cells / "Uninfected" / file.name).symlink_to(file)
    (lab.cells / "Uninfected/gone.png").symlink_to(lab.folder / "nowhere.png")
    (lab.cells / "Uninfected/loop").symlink_to(lab.cells)


def windows_zip(lab: Lab) -> None:
    with zipfile.ZipFile(lab.archive, "w") as archive:
        for file in sorted(lab.cells.glob("*/*")):
            name = str(file.relative_to(lab.cells)).replace("/", "\\")
            member = zipfile.ZipInfo("x")
            member.filename = f"cells\\{name}"  # which the constructor would make a slash
            archive.writestr(member, file.read_bytes())
    lab.source["location"] = str(lab.archive)


def stored_as(suffix: str, **options: Any) -> Lay:
    """Every cell without loss in another format, its suffix in capitals."""

    def lay(lab: Lab) -> None:
        for file in lab.cells.glob("*/*.png"):
            with Image.open(file) as image:
                image.save(file.with_suffix(suffix.upper()), **options)
            file.unlink()

    return lay


def table(text: str, head: str, row: str, place: str = "images/{n}.png") -> Lay:
    """One folder of images, and a table of them."""

    def lay(lab: Lab) -> None:
        moved(place)(lab)
        rows = [head] if head else []
        for number, file in enumerate(sorted((lab.folder / "old").glob("*/*"))):
            label, patient = file.parent.name, file.name.partition("P")[0]
            species = "ring" if label[0] == "P" else "healthy"
            rows.append(row.format(n=number, c=label, p=patient, species=species))
        (lab.cells / text).write_text("\n".join(rows))

    return lay


def boxes(lab: Lab) -> None:
    """A photograph for each patient, its ten cells marked, one of them as difficult."""
    old = lab.cells.rename(lab.folder / "old")
    by_patient: dict[str, list[Path]] = {}
    for file in sorted(old.glob("*/*")):
        by_patient.setdefault(file.name.partition("P")[0], []).append(file)
    for patient, files in by_patient.items():
        pixels = np.full((64, 64 * len(files), 3), 235, np.uint8)
        marks = []
        for number, file in enumerate(files):
            cell = np.asarray(Image.open(file))
            left = 64 * number
            pixels[: len(cell), left : left + cell.shape[1]] = cell
            label = file.parent.name if number else "difficult"
            marks.append((left, 0, left + cell.shape[1], len(cell), label))
        folder = lab.cells / patient
        folder.mkdir(parents=True)
        Image.fromarray(pixels).save(folder / "field.png")
        write_text(folder / "field.xml", voc(*marks, size=(pixels.shape[1], pixels.shape[0])))


def masks(lab: Lab) -> None:
    """Beside the images a mask of each, as programs that cut out cells leave them."""
    moved("images/{c}/{f}")(lab)
    for file in sorted((lab.cells / "images").glob("*/*")):
        mask = lab.cells / "masks" / file.parent.name / file.name
        mask.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(file) as image:
            image.convert("L").point(lambda value: 255 * (value > 0)).save(mask)


def two_tables(lab: Lab) -> None:
    """Labels as a spreadsheet writes them, and the patients in a file of its own."""
    head = "sep=;\nNr;Datei;Befund;Fläche;"
    table("befunde.csv", head, "{n};{n}.png;{c};0,5;")(lab)
    files = sorted((lab.folder / "old").glob("*/*"))
    rows = [f"{n}.png,{file.name.partition('P')[0]}" for n, file in enumerate(files)]
    (lab.cells / "people.csv").write_text("\n".join(["image,Patient No.", *rows]))


def macos_names(lab: Lab) -> None:
    """Patients with accents, decomposed in the names of files and composed in the table."""
    table("labels.csv", "Datei,label,patient", "Zellé {n}.png,{c},{p}", "{n}.png")(lab)
    for file in lab.cells.glob("*.png"):
        file.rename(file.with_name(unicodedata.normalize("NFD", f"Zellé {file.stem}.png")))


LAYOUTS = (
    Layout(
        "the published archive unpacked twice, one inside the other",
        "accepted: the copy inside is left out",
        (
            "nih: 240 cells in 2 folders, <class>/<file>; 24 patients by file names",
            "nih: left out: 240 images are in copies of the class folders (240 of cells), first "
            "<cells>/cells",
        ),
        nested_copy,
    ),
    Layout(
        "a folder for each patient in each class",
        "accepted",
        ("nih: 240 cells in 48 folders, <class>/<patient>/<file>; 24 patients by folder names",),
        moved("{c}/{p}/{n}.png"),
    ),
    Layout(
        "two folders of classes for each patient",
        "accepted",
        ("nih: 240 cells in 48 folders, <patient>/<class>/<file>; 24 patients by folder names",),
        moved("{p}/{c}/{n}.png"),
    ),
    Layout(
        "sides of a split by cell",
        "accepted: one set, split by patient",
        (
            "nih: 240 cells in 6 folders, <side>/<class>/<file>; 24 patients by file names",
            "nih: its folders test, train, valid are not followed: such sides are split by cell, "
            "here by patient",
        ),
        moved("{side}/{c}/{f}"),
    ),
    Layout(
        "class folders in capitals",
        "accepted",
        (
            "nih: 240 cells in 2 folders, <class>/<file>; 24 patients by file names; PARASITIZED "
            "is Parasitized; UNINFECTED is Uninfected",
        ),
        moved("{C}/{f}"),
    ),
    Layout(
        "several positive classes, a list in problem.positive",
        "accepted",
        (
            "nih: 240 cells in 3 folders, <class>/<file>; 24 patients by file names; falciparum "
            "is falciparum or vivax; vivax is falciparum or vivax",
        ),
        moved("{species}/{f}"),
        problem={"positive": ["falciparum", "vivax"]},
    ),
    Layout(
        "labels and patients in a table",
        "accepted",
        ("nih: 240 cells in 1 folder, table labels.csv: <file>; 24 patients by column",),
        table("labels.csv", "image,diagnosis,patient", "{n}.png,{c},{p}"),
    ),
    Layout(
        "a table of other words, mapped in params.yaml",
        "accepted",
        (
            "nih: 240 cells in 1 folder, table meta.tsv: <file>; 24 patients by column; healthy is "
            "Uninfected; ring is Parasitized",
        ),
        table("meta.tsv", "k\tstage\twho", "C:\\export\\{n}.tif\t{species}\t{p}"),
        settings={
            "table": "meta.tsv",
            "columns": {"file": "k", "label": "stage", "patient": "who"},
            "labels": {"ring": "Parasitized", "healthy": "Uninfected"},
        },
    ),
    Layout(
        "labels in one table, patients in another, one of them with sep=; and decimal commas",
        "accepted",
        (
            "nih: 240 cells in 1 folder, table befunde.csv, people.csv: <file>; 24 patients by "
            "column",
        ),
        two_tables,
    ),
    Layout(
        "masks of the cells in a folder beside that of the images",
        "accepted: the masks are left out",
        (
            "nih: 240 cells in 2 folders, <class>/<file>; 24 patients by file names",
            "nih: left out: 240 images are masks or drawings of others, first "
            "<cells>/masks/Parasitized/C10P19ThinF_IMG_20150918_140104_cell_0.png",
        ),
        masks,
    ),
    Layout(
        "names with accents, as macOS stores them",
        "accepted",
        ("nih: 240 cells in 1 folder, table labels.csv: <file>; 24 patients by column",),
        macos_names,
    ),
    Layout(
        "patients in a table without names of columns, as the NLM publishes them",
        "accepted",
        ("nih: 240 cells in 2 folders, <class>/<file>; 24 patients by column",),
        table("patientid_cellmapping.csv", "", "{p},{n}.png", "{c}/{n}.png"),
        settings={"table": "patientid_cellmapping.csv"},
    ),
    Layout(
        "cells as boxes in photographs of whole fields, a folder for each patient",
        "accepted: cut out with a margin; difficult ones are left out",
        (
            "nih: 216 cells in 24 folders, boxes of Pascal VOC: <patient>/<file>; 24 patients by "
            "folder names",
            "nih: left out: 24 boxes are marked as difficult, first C1/field/0001.png "
            "(C1/field.xml)",
        ),
        boxes,
        cells=216,
        exact=False,
    ),
    Layout(
        "a pattern that fits folders: ^slide-(?P<patient>[0-9]+)$",
        "accepted",
        ("nih: 240 cells in 48 folders, <folder>/<class>/<file>; 24 patients by pattern",),
        moved("slide-{p}/{c}/{n}.png"),
        settings={"patient_pattern": "^slide-C(?P<patient>[0-9]+)$"},
    ),
    Layout(
        "what systems and programs leave beside images",
        "accepted: counted, and left out",
        (
            "nih: 240 cells in 2 folders, <class>/<file>; 24 patients by file names",
            "nih: left out: 16 files or folders are no images (5 .xml, 5 :Zone.Identifier, 1 "
            ".DS_Store, ...), first <cells>/Parasitized/.DS_Store",
        ),
        bystanders,
    ),
    Layout(
        "links to folders and files, one that leads nowhere and one in a circle",
        "accepted: followed; the two are left out",
        (
            "nih: 240 cells in 2 folders, <class>/<file>; 24 patients by file names",
            "nih: left out: 2 links lead nowhere or back, first <cells>/Uninfected/gone.png",
        ),
        links,
    ),
    Layout(
        "a zip from Windows, with backslashes in its names",
        "accepted",
        ("nih: 240 cells in 2 folders, <class>/<file>; 24 patients by file names",),
        windows_zip,
    ),
    Layout(
        "suffixes in capitals",
        "accepted",
        ("nih: 240 cells in 2 folders, <class>/<file>; 24 patients by file names",),
        stored_as(".png"),
    ),
    Layout(
        "JPEG 2000",
        "accepted",
        ("nih: 240 cells in 2 folders, <class>/<file>; 24 patients by file names",),
        stored_as(".jp2", irreversible=False),
    ),
    Layout(
        "HEIC",
        "accepted",
        ("nih: 240 cells in 2 folders, <class>/<file>; 24 patients by file names",),
        stored_as(".heic"),
        exact=False,
    ),
    Layout(
        "no patients, split by file as params.yaml asks",
        "warning: figures will be too good",
        (
            "nih: 240 cells in 2 folders, <class>/<file>; nothing tells patients",
            NO_PATIENTS.format("one image file"),
        ),
        moved("{c}/{n}.png"),
        settings={"group": "file"},
        patients=0,
    ),
)
