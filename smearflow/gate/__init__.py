"""The gate: a table against its suite, a page that shows the files that fail, a quarantine."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from smearflow.checks import Finding, SuiteResult, run_suite
from smearflow.gate.page import write_offenders
from smearflow.ground.errors import SmearflowError
from smearflow.params.validate import Quarantine

COLUMNS = ("severity", "column", "expectation", "why", "value", "row", "path")
_TAKEN = {"none": (), "critical": ("critical",), "all": ("critical", "warning")}


def check_images(
    table: pd.DataFrame,
    suite: Path,
    folder: Path,
    title: str,
    read: Callable[[str], bytes],
    examples: int,
    parameters: Mapping[str, Any] | None = None,
) -> tuple[SuiteResult, pd.DataFrame]:
    """Check a table of images against a suite, and show what fails.

    Args:
        table: with a column `path`.
        folder: for index.html (the files that fail, with pictures), offenders.csv and
            data_docs/index.html (every expectation).
        title: of the first page.
        read: gives the bytes of an image by its path.
        examples: files shown per expectation, at most.
        parameters: values for `{"$PARAMETER": name}` in the suite.

    Returns:
        The result, and its `offenders`.

    Raises:
        SmearflowError: as `run_suite`.
    """
    result = recheck(table, suite, folder, parameters)
    found = offenders(table, result)
    write_offenders(folder, title, found, read, examples)
    return result, found


def recheck(
    table: pd.DataFrame, suite: Path, folder: Path, parameters: Mapping[str, Any] | None = None
) -> SuiteResult:
    """Check a table, such as what a quarantine left, without a new page of files that fail."""
    page = folder / "data_docs" / "index.html"
    return run_suite(table, suite, parameters=parameters, page=page)


def offenders(table: pd.DataFrame, result: SuiteResult) -> pd.DataFrame:
    """Everything that the failed expectations of a suite found in single rows.

    Args:
        table: what was checked, with a column `path`.

    Returns:
        A row per failed expectation and failing row, in the order of the suite: COLUMNS, where
        `value` is what the column holds and `row` the id of the row. Of an expectation about
        several columns, `column` names all and `value` holds what is in each.
    """
    failed = [each for each in result.findings if not each.success and each.failing]
    parts = [_failing(table, finding, result.row) for finding in failed]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def _failing(table: pd.DataFrame, finding: Finding, row: str) -> pd.DataFrame:
    rows = table[table[row].map(str).isin(finding.failing)]
    values = rows[list(finding.columns)].itertuples()
    return pd.DataFrame(
        {
            "severity": finding.severity,
            "column": finding.column or "",  # a group without a name would not be shown
            "expectation": finding.expectation,
            "why": finding.why or "",
            "value": [", ".join(map(str, each)) for _, *each in values],
            "row": rows[row].map(str),
            "path": rows["path"],
        }
    )


def corrections(images: pd.DataFrame) -> pd.DataFrame:
    """The images of a manifest that a later source gives another label: a row of COLUMNS each."""
    replaced = images[images["corrected_by"].notna()]
    return pd.DataFrame(
        {
            "severity": "corrected",
            "column": "label",
            "expectation": "corrected_by",
            "why": "A later source corrects the label: " + replaced["corrected_by"].astype(str),
            "value": replaced["label"],
            "row": replaced["cell_id"],
            "path": replaced["path"],
        },
        columns=list(COLUMNS),
    )


def quarantined(found: pd.DataFrame, rows: int, which: Quarantine, most: float) -> pd.DataFrame:
    """The offenders that are left out of everything that follows.

    Args:
        found: of `offenders`.
        rows: of the table that was checked.
        which: offenders against critical expectations, against all, or none.
        most: the largest share of the rows that may be left out.

    Returns:
        Some rows of `found`.

    Raises:
        SmearflowError: they are more than that.
    """
    aside = found[found["severity"].isin(_TAKEN[which])]
    files = aside["row"].nunique()
    if files > most * rows:
        raise SmearflowError(
            f"{files} of {rows} images would be quarantined, more than {most:.0%}, "
            f"first {aside['path'].iloc[0]} ({aside['why'].iloc[0].rstrip('.')})",
            "correct the data, or, if the rest is still what is to be measured, raise "
            "validate.most_quarantined in params.yaml",
        )
    return aside
