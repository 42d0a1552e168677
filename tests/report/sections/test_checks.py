"""The section about the checks of the images."""

import shutil
from pathlib import Path

import pytest

from smearflow.records.validation import Counts, NotedFinding, Validation
from smearflow.report.sections.checks import checks_section
from tests.material import PROJECT

COPY = "A copy of another image, pixel by pixel: it counts twice."
MISSING = "An image without a file."


def found(why: str | None, *, success: bool, severity: str = "warning") -> NotedFinding:
    return NotedFinding.model_validate(
        {
            "suite": "manifest",
            "expectation": "expect_column_values_to_be_null",
            "column": "copy_of",
            "severity": severity,
            "success": success,
            "observed": None,
            "failing": () if success else ("lab/a.png",),
            "failing_count": 0 if success else 1,
            "why": why,
        }
    )


def write(root: Path, *expectations: NotedFinding) -> None:
    failed = [each.severity for each in expectations if not each.success]
    folder = root / "outputs/validate"
    folder.mkdir(parents=True)
    shutil.copytree(PROJECT / "expectations", root / "expectations")
    Validation(
        success="critical" not in failed,
        statistics=Counts(
            evaluated=len(expectations),
            failed_critical=failed.count("critical"),
            failed_warning=failed.count("warning"),
        ),
        expectations=expectations,
        images=9,
        corrected=0,
        quarantined=0,
    ).write(folder)


def test_what_holds_is_said_as_what_holds_and_folded_away(tmp_path: Path) -> None:
    write(tmp_path, found(COPY, success=True), found("Too blue.", success=True))
    section = checks_section(tmp_path)
    assert section is not None
    (table,) = section.tables
    assert table.folded
    assert [row[0] for row in table.rows] == ["No image is there twice.", "Not so: Too blue."]
    assert not section.links


def test_what_fails_comes_first_the_critical_before_the_warning(tmp_path: Path) -> None:
    write(
        tmp_path,
        found(None, success=True),
        found(COPY, success=False),
        found(MISSING, success=False, severity="critical"),
    )
    section = checks_section(tmp_path)
    assert section is not None
    failing, holding = section.tables
    assert [row[:3] for row in failing.rows] == [("critical", MISSING, "1"), ("warning", COPY, "1")]
    assert not failing.folded
    assert len(holding.rows) == 1
    assert section.links


@pytest.mark.parametrize("success", [True, False])
def test_one_statement_of_several_checks_is_one_row(tmp_path: Path, *, success: bool) -> None:
    twice = [found(COPY, success=success)] * 2
    write(tmp_path, *twice)
    section = checks_section(tmp_path)
    assert section is not None
    assert len(section.tables[0].rows) == (1 if success else 2)
