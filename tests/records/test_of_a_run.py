"""The records of a run: kept as they were, files of earlier versions readable where they last."""

import json
from pathlib import Path

import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.ground.record import Record
from smearflow.records.baseline import (
    BaselineNotes,
    Expected,
    NotedLimits,
    NotedSite,
    PatientSpread,
)
from smearflow.records.edge import EdgeMetadata
from smearflow.records.figures import Figures, Look
from smearflow.records.verdict import Verdict
from tests.records import examples

_SPREAD = PatientSpread(
    value=0.5,
    patient_mean=0.5,
    patient_standard_deviation=0.1,
    patient_lowest=0.3,
    patient_highest=0.7,
)
BASELINE = BaselineNotes(
    cells=192,
    patients=24,
    statistics=("sharpness",),
    classes=examples.CLASSES,
    threshold=0.4,
    model_sha256="0" * 64,
    limits=(
        NotedLimits(
            values={"sharpness": 0.3, "embedding": None},
            patients=1,
            resamples=20,
            false_alarm_rate=0.05,
        ),
    ),
    sites=(NotedSite(name=None, cells=900, patients=90, limits=()),),
    expected=Expected(cells=192, patients=24, accuracy=_SPREAD, positive_share=_SPREAD),
)
ALL = [
    examples.SPLIT,
    examples.TRAINING,
    examples.HISTORY,
    examples.EXPORT,
    examples.FIGURES,
    examples.VERDICT,
    BASELINE,
]


@pytest.mark.parametrize("record", ALL, ids=lambda record: type(record).__name__)
def test_what_was_written_is_read(record: Record, tmp_path: Path) -> None:
    record.path(tmp_path).parent.mkdir(parents=True)
    record.write(record.path(tmp_path).parent)
    assert type(record).read(tmp_path) == record


def _without_version(record: Record, folder: Path) -> Path:
    record.write(folder)
    file = folder / record.NAME
    content = json.loads(file.read_text())
    content.pop("version", None)
    file.write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize("record", [BASELINE, examples.FIGURES])
def test_what_lasts_is_read_from_before_there_were_versions(record: Record, tmp_path: Path) -> None:
    assert type(record).read_from(_without_version(record, tmp_path)) == record


def test_what_does_not_last_is_not(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match=f"has version None, not {Verdict.VERSION}"):
        type(examples.VERDICT).read_from(_without_version(examples.VERDICT, tmp_path))


def test_an_export_has_no_version_and_takes_the_keys_of_later_ones(tmp_path: Path) -> None:
    examples.EXPORT.write(tmp_path)
    content = json.loads((tmp_path / EdgeMetadata.NAME).read_text())
    assert "version" not in content
    content["models"]["model.tflite"]["camera"] = content["camera"] = "any"
    (tmp_path / EdgeMetadata.NAME).write_text(json.dumps(content))
    assert EdgeMetadata.read_from(tmp_path) == examples.EXPORT


def test_a_limit_of_whole_pixels_stays_whole(tmp_path: Path) -> None:
    cell = {
        "brightness": 32.0,
        "cell_area": 0.02,
        "elongation": 2.0,
        "longest": 64,
        "relief": 0.01,
        "sharpness": 3000.0,
        "shortest": 16,
    }
    examples.EXPORT.write(tmp_path)
    content = json.loads((tmp_path / EdgeMetadata.NAME).read_text()) | {"cell": cell}
    (tmp_path / EdgeMetadata.NAME).write_text(json.dumps(content))
    EdgeMetadata.read_from(tmp_path).write(tmp_path)
    assert json.dumps(json.loads((tmp_path / EdgeMetadata.NAME).read_text())["cell"]) == json.dumps(
        cell
    )


def test_a_look_is_told_by_figures_of_any_version(tmp_path: Path) -> None:
    file = tmp_path / Figures.NAME
    file.write_text('{"version": 99, "model_sha256": "m", "test_sha256": "t", "more": 1}')
    assert Look.of(file) == Look(model_sha256="m", test_sha256="t")
