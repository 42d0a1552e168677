"""What a split goes by is called by its name, wherever it is told."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from smearflow.params.ingest import Group
from smearflow.records.split import Split
from smearflow.report.conclusions.every import first_answers
from smearflow.report.pages import write_pages
from smearflow.report.run import read_run
from smearflow.report.sections.data import data_section
from smearflow.report.units import unit_of
from tests.report.exploration.files import asked
from tests.report.finished import write_run


@pytest.mark.parametrize(
    ("groups", "number", "told"),
    [
        ((), 2, "2 patients"),
        (("patient", "patient"), 1, "1 patient"),
        (("field",), 54, "54 fields of view"),
        (("field",), 1, "1 field of view"),
        (("time",), 2, "2 times of recording"),
        (("file",), 12345, "12,345 files"),
        (("patient", "file"), 3, "3 groups"),
    ],
)
def test_groups_have_names(groups: Sequence[Group], number: int, told: str) -> None:
    assert unit_of(groups).count(number) == told


def test_words_take_the_place_of_patients() -> None:
    assert unit_of(["field"]).instead("patients, a patient") == "fields of view, a field of view"
    assert unit_of(["patient"]).instead("patient bootstrap") == "patient bootstrap"


def test_nobody_counts_patients_where_there_are_fields(tmp_path: Path) -> None:
    root = write_run(tmp_path)
    split = Split.read(root)
    fields: dict[str, Group] = dict.fromkeys(split.grouped_by, "field")
    split.model_copy(update={"grouped_by": fields}).write(root / "outputs/split")
    run = read_run(root, ())
    write_pages(root, tmp_path / "reports/new", "Is it?", asked(), ())
    page = re.sub(r"<style>.*?</style>", "", (tmp_path / "reports/new/index.html").read_text())
    told = [page, *(f"{each.short} {each.sentences}" for each in first_answers(run))]
    counted = r"\d[\d,]*\s+(?:unseen\s+)?patients?\b|(?:test|validation|training) patients?\b"
    assert not [found for text in told for found in re.findall(counted, text)]
    assert "fields of view" in page
    section = data_section(root)
    assert section is not None
    assert [table.columns[2] for table in section.tables[1:]] == ["fields of view"]
