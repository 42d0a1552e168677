"""The section about the files for devices."""

from pathlib import Path
from typing import Any

import pytest

from smearflow.ground.files import write_json
from smearflow.records.edge import Asked, EdgeFile
from smearflow.report.elements import Section
from smearflow.report.sections.edge import edge_section
from tests.records.examples import EXPORT
from tests.wording import named, numbers

ASKED = Asked(margins={"roc_auc": 0.003, "specificity": 0.02}, most_bytes=1_350_000)
FAST, PLAIN, EXACT = "fast.tflite", "plain.tflite", "exact.tflite"


def _file(size: int, worst: float = 0.0) -> EdgeFile:
    difference = {"value": 0.0, "low": worst, "high": 0.01, "at_least": worst}
    return EdgeFile.model_validate(
        {
            "agreement": 0.99,
            "bytes": size,
            "differences": dict.fromkeys(ASKED.margins, difference),
            "no_worse": worst >= -0.003,
            "sha256": "0",
            "small_enough": size <= ASKED.most_bytes,
            "threshold": 0.4,
        }
    )


def _section(
    root: Path, files: dict[str, EdgeFile], chosen: str, times: dict[str, float] | None = None
) -> Section:
    told = {"asked": ASKED, "models": files, "chosen": chosen, "reason": None}
    for folder in ("outputs/export", "reports/export"):
        (root / folder).mkdir(parents=True)
    EXPORT.model_copy(update=told).write(root / "outputs/export")
    latency = {name: {"p50_ms": time} for name, time in (times or {}).items()}
    write_json(root / "reports/export/latency.json", latency)
    section = edge_section(root)
    assert section is not None
    return section


def test_it_says_what_was_asked_and_what_the_others_lack(tmp_path: Path) -> None:
    files = {FAST: _file(1_200_000), PLAIN: _file(1_100_000, -0.01), EXACT: _file(4_000_000)}
    section = _section(tmp_path, files, FAST)
    asked, why, *failed = section.sentences
    assert {0.003, 0.02, 1.35} <= set(numbers(asked))
    assert named(why, *files) == [FAST]
    assert [(named(each, *files), numbers(each)) for each in failed] == [
        ([EXACT], [4.0]),
        ([PLAIN], [0.01]),
    ]
    table = section.tables[1]
    assert [row[-1] for row in table.rows if row[0] == PLAIN] == ["no", "yes"]


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        ({EXACT: _file(4_000_000), PLAIN: _file(2_000_000)}, PLAIN),
        ({EXACT: _file(4_000_000, -0.5), PLAIN: _file(900_000, -0.5)}, EXACT),
    ],
)
def test_a_choice_that_does_not_meet_both_is_told_as_one(
    tmp_path: Path, files: dict[str, EdgeFile], chosen: str
) -> None:
    fine = _section(tmp_path / "fine", {chosen: _file(900_000)}, chosen).sentences[1]
    poor = _section(tmp_path / "poor", files, chosen).sentences[1]
    assert fine != poor
    assert named(poor, *files) == [chosen]


@pytest.mark.parametrize(("other", "told"), [(0.05, 1), (0.09, 0), (0.2, 0)])
def test_a_clock_that_contradicts_the_choice_is_told(
    tmp_path: Path, other: float, told: int
) -> None:
    files: dict[str, Any] = {FAST: _file(1_200_000), PLAIN: _file(1_100_000)}
    sentences = _section(tmp_path, files, FAST, {FAST: 0.1, PLAIN: other}).sentences
    assert len(sentences) == 2 + told


def test_an_export_of_an_earlier_version_keeps_its_reason(tmp_path: Path) -> None:
    (tmp_path / "outputs/export").mkdir(parents=True)
    EXPORT.write(tmp_path / "outputs/export")
    section = edge_section(tmp_path)
    assert section is not None
    assert section.sentences == [EXPORT.reason]
    assert len(section.tables) == 1
