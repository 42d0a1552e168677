"""Every record is one file of one stage, and is read back as it was written."""

import importlib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from smearflow.ground.record import Record
from smearflow.params.model import Setting
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.analysis.narrowing import Narrowing
from smearflow.records.exploration import Histograms, Runs
from smearflow.records.search.dimensions import Choice, Interval
from smearflow.records.search.space import Space
from tests.analysis import exploration_material as material
from tests.material import PROJECT
from tests.report.exploration import files

for _file in (PROJECT / "smearflow/records").rglob("*.py"):
    importlib.import_module(".".join(_file.relative_to(PROJECT).with_suffix("").parts))
OWN = [each for each in Record.__subclasses__() if each.__module__.startswith("smearflow.records")]


def test_every_record_has_a_place_of_its_own_in_a_stage() -> None:
    stages = YAML(typ="safe").load(PROJECT / "dvc.yaml")["stages"]
    places = [(each.STAGE, each.NAME) for each in OWN]
    assert len(set(places)) == len(places)
    assert {stage for stage, _ in places} <= set(stages)


@pytest.mark.parametrize(
    "record",
    [
        Runs(runs=tuple(material.runs()[:3])),
        Histograms(runs=dict(list(material.histograms().items())[:1])),
        material.analysis(),
        files.analysis(),
        files.narrowing(),
    ],
    ids=lambda record: record.NAME,
)
def test_they_are_read_as_they_were_written(
    record: Runs | Histograms | Analysis | Narrowing, tmp_path: Path
) -> None:
    record.write(tmp_path)
    found = type(record).read_from(tmp_path)
    assert found == record
    written = (tmp_path / record.NAME).read_bytes()
    found.write(tmp_path)
    assert (tmp_path / record.NAME).read_bytes() == written


def test_a_value_keeps_its_type(tmp_path: Path) -> None:
    fixed: Setting = {"augment": True, "trainable": 1, "dropout": 1.0, "gradient_clip": None}
    units = Interval(kind="int", low=16, high=256, sampling="log")
    choice = Choice(values=(True, 1, 1.5, "all", None))
    Space(parameters={"hidden_units": units, "trainable": choice}, fixed=fixed).write(tmp_path)
    text = (tmp_path / Space.NAME).read_text()
    assert '"low": 16,' in text
    found = Space.read_from(tmp_path)
    assert [type(each) for each in found.fixed.values()] == [bool, float, type(None), int]
    read = found.parameters["trainable"]
    assert isinstance(read, Choice)
    assert [type(each) for each in read.values] == [bool, int, float, str, type(None)]
