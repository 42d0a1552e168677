"""The page of a validation holds what was understood, and all pictures that it names."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from smearflow.params.ingest import Group
from smearflow.records.sources import SourceFacts, Sources
from smearflow.report.first_look import FOLDER, FirstLook, first_look, look_text
from smearflow.sides.tables import write_table
from tests.material import CLASSES, write_cells

NEGATIVE_FIRST = (CLASSES[1], CLASSES[0])


def ingested(root: Path, patients: bool = True, grouped_by: Group = "patient") -> pd.DataFrame:
    """What ingest leaves of 6 patients with 2 cells of each class; the last image is damaged."""
    cells = write_cells(root / "cells", patients=6, per_class=2)
    files = sorted(cells.glob("*/*.png"))
    (root / "outputs/ingest/raw").mkdir(parents=True)
    rows = []
    with zipfile.ZipFile(root / "outputs/ingest/raw/lab.zip", "w") as archive:
        for at, file in enumerate(files):
            name = file.relative_to(cells).as_posix()
            archive.write(file, name)
            with Image.open(file) as image:
                width, height = image.size
            rows.append(
                {
                    "cell_id": f"lab/{name}"[:-4],
                    "path": f"lab/{name}",
                    "source": "lab",
                    "label": file.parent.name,
                    "patient": f"lab/{file.name.split('P')[0]}" if patients else None,
                    "field": f"lab/{file.name.split('_cell')[0]}",
                    "width": width,
                    "height": height,
                    "bytes": file.stat().st_size,
                    "mode": "RGB",
                    "white": 255.0,
                    "appearance": f"{at * 2654435761**7 % 2**256:064x}",
                    "error": None if file != files[-1] else "damaged",
                    **dict.fromkeys(("sharpness", "brightness", "cell_area"), float(at)),
                }
            )
    table = pd.DataFrame(rows)
    write_table(table, root / "outputs/ingest/manifest.parquet")
    facts = SourceFacts(
        name="lab",
        layout="<class>/<file>",
        folders=2,
        labels={name: name for name in CLASSES},
        patients_by="file names" if patients else None,
        grouped_by=grouped_by,
    )
    Sources(sources=(facts,)).write(root / "outputs/ingest")
    return table


def split(root: Path, table: pd.DataFrame) -> None:
    (root / "outputs/split").mkdir()
    sound = table[table["error"].isna()]
    parts = np.array_split(sorted(sound["patient"].unique()), 3)
    for name, people in zip(("train", "validation", "test"), parts, strict=True):
        rows = sound[sound["patient"].isin(people)]
        target = (rows["label"] == CLASSES[0]).astype("int8")
        write_table(rows.assign(target=target), root / f"outputs/split/{name}.parquet")


def pictures(look: FirstLook) -> list[str]:
    return re.findall(r'<img [^>]*src="([^"]+)"', look.page.read_text())


@pytest.mark.parametrize("ended", [True, False])
def test_a_page_of_what_there_is(tmp_path: Path, ended: bool) -> None:
    table = ingested(tmp_path)
    split(tmp_path, table)
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "earlier.html").touch()
    look = first_look(tmp_path, NEGATIVE_FIRST, split=ended)
    assert look.page == tmp_path / FOLDER / "index.html"
    assert not (tmp_path / FOLDER / "earlier.html").exists()
    assert len(pictures(look)) == 2 + 6 * 2  # of each class, and of both of each patient
    assert all((look.page.parent / name).is_file() for name in pictures(look))
    page = look.page.read_text()
    assert page.count('<img loading="lazy"') == len(pictures(look))
    assert [page.count(f"<h2>Patient C{number}</h2>") for number in range(1, 7)] == [1] * 6
    assert "23 cells" in page
    assert look.proposals == []
    assert ("±" in look_text(look)) is ended  # not from a split of an earlier run
    assert all(picture.path.is_file() for section in look.sections for picture in section.pictures)
    text = look_text(look)
    assert all(line in text for each in look.lines for line in each)


def test_patients_that_names_tell_are_proposed_where_fields_are_split(tmp_path: Path) -> None:
    ingested(tmp_path, patients=False, grouped_by="field")
    look = first_look(tmp_path, NEGATIVE_FIRST, split=False)
    (proposal,) = look.proposals
    assert proposal.guess is not None
    assert proposal.guess.patients == 6
    assert proposal.value in look_text(look)
    assert "Field of view" in look.page.read_text()


def test_files_of_their_own_have_no_sheet_each(tmp_path: Path) -> None:
    ingested(tmp_path, patients=False, grouped_by="file")
    look = first_look(tmp_path, NEGATIVE_FIRST, split=False)
    assert len(pictures(look)) == 2
