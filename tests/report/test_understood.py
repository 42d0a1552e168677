from dataclasses import replace

import pandas as pd
import pytest

from smearflow.params.ingest import Group
from smearflow.records.sources import LeftOut, SourceFacts, Sources
from smearflow.report.prospects import prospects_section
from smearflow.report.understood import understood_lines
from smearflow.report.units import unit_of
from smearflow.understanding.facts import Facts, Spread
from smearflow.understanding.reach import half_width
from smearflow.understanding.sides import Exclusive, Part, SideParts
from smearflow.understanding.tells import Tell
from smearflow.understanding.whole import Understanding

CLASSES = ("Uninfected", "Parasitized")
FACTS = Facts(
    images=1000,
    damaged=3,
    classes={"Uninfected": 400, "Parasitized": 600},
    groups=30,
    nameless=2,
    per_group=Spread(12, 33.3, 80),
    formats={"png": 990, "": 10},
    width=Spread(40, 120, 300),
    height=Spread(50, 130, 310),
    modes={("RGB", 255.0): 900, ("I;16", 4095.0): 100},
)
SOURCE = SourceFacts(
    name="lab",
    layout="<class>/<patient>/<file>",
    folders=4,
    labels={"infected": "Parasitized", "Uninfected": "Uninfected", "healthy": "Uninfected"},
    patients_by="folder names",
    grouped_by="patient",
    sides=("train", "test"),
    left_out=(LeftOut(reason="foreign format", what=".czi", count=12, first="a/b.czi"),),
)
SIDES = tuple(
    SideParts(name, Part(300, 10), (Part(120, 10), Part(180, 6)))
    for name in ("train", "validation", "test")
)
NOBODY = pd.DataFrame({"cell": [], "like": [], "other_label": []})
FOUND = Understanding(
    CLASSES, FACTS, {"lab": FACTS}, Exclusive(0, 0, 30), NOBODY, tells=(), sides=SIDES
)


def lines(source: SourceFacts = SOURCE, found: Understanding = FOUND) -> dict[str, str]:
    return dict(understood_lines(found, Sources(sources=(source,))))


def test_every_number_is_told() -> None:
    told = lines()
    assert told["layout"].startswith("4 folders, 2 classes, 30 patients from the folder names")
    assert "600 Parasitized" in told["classes"]
    assert "infected" in told["classes"]
    assert "healthy" in told["classes"]
    assert all(each in told["patients"] for each in ("30", "12", "33", "80", "2 cells of none"))
    assert told["formats"] == "990 PNG, 10 no suffix"
    assert all(each in told["sizes"] for each in ("40", "120", "300", "50", "130", "310"))
    assert "4,095" in told["pixels"]
    assert told["damaged"].startswith("3 ")
    assert all(each in told["left out"] for each in ("12", ".czi", "a/b.czi"))
    assert "train and test" in told["not followed"]


@pytest.mark.parametrize("group", ["field", "time", "file"])
def test_what_is_no_patient_is_not_called_one(group: Group) -> None:
    source = SOURCE.model_copy(update={"grouped_by": group, "patients_by": None})
    told, unit = lines(source), unit_of([group])
    assert unit.count(30) in told["layout"]
    assert unit.many in told
    assert "30 patients" not in str(told)
    sentences = prospects_section(FOUND, unit).sentences
    assert "new patients" in sentences[0]
    assert not any("±" in sentence or "30 patients" in sentence for sentence in sentences)


def test_several_sources_are_told_one_by_one() -> None:
    other = SOURCE.model_copy(update={"name": "clinic", "grouped_by": "field"})
    found = replace(FOUND, sources={"lab": FACTS, "clinic": FACTS})
    told = dict(understood_lines(found, Sources(sources=(SOURCE, other))))
    assert {"lab: patients", "clinic: fields of view"} <= told.keys()
    assert understood_lines(FOUND, None) == [
        line for line in understood_lines(FOUND, None) if "layout" not in line[0]
    ]


def sentences(**changed: object) -> str:
    return " ".join(prospects_section(replace(FOUND, **changed), unit_of([])).sentences)  # type: ignore[arg-type]


def test_the_interval_of_so_many_test_patients() -> None:
    told = sentences()
    for count in (10, 6):  # all of the test side, and those with positive cells
        assert f"±{half_width(count):.3f}" in told
    assert "sensitivity" in told
    assert "±" not in sentences(sides=())


def test_a_side_without_a_class_is_told() -> None:
    empty = SideParts("test", Part(100, 3), (Part(100, 3), Part(0, 0)))
    assert "no Parasitized cell" in sentences(sides=(*SIDES[:2], empty))
    assert "no Parasitized cell" not in sentences()


def test_people_who_differ_where_classes_do_are_told() -> None:
    told = sentences(exclusive=Exclusive(12, 18, 0))
    assert "18 with Parasitized cells alone" in told
    assert "12 with Uninfected cells alone" in told
    assert "may learn" in told
    assert "may learn" not in sentences(exclusive=Exclusive(12, 0, 18))


def test_what_else_tells_the_classes_is_told_with_numbers() -> None:
    formats = Tell("format", 0.98, {"jpg": 1.0}, {"png": 0.96, "jpg": 0.04})
    told = sentences(tells=(formats, Tell("sharpness", 0.9, 12.5, 1234.5)))
    assert all(each in told for each in ("98%", "96% png", "100% jpg", "12.5", "1,234"))


def test_lookalikes_are_told_and_listed() -> None:
    alike = pd.DataFrame({"cell": ["a", "b"], "like": ["b", "a"], "other_label": [True, False]})
    section = prospects_section(replace(FOUND, alike=alike), unit_of([]))
    assert "2 cells look like one of another patient" in section.sentences[-1]
    assert section.tables[-1].rows == [("a", "b", "another"), ("b", "a", "the same")]
