"""Expectations on a table, kept as JSON and checked by Great Expectations."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from pydantic import JsonValue

from smearflow.ground.errors import SmearflowError
from smearflow.records.validation import Checks, Counts, NotedFinding

Severity = Literal["critical", "warning"]

# What a Data Docs page would fetch from elsewhere, and its advertisement.
_ONLINE = re.compile(
    r'<link[^>]*href="http[^>]*>|<script[^>]*src="http[^>]*>\s*</script>|<img[^>]*src="http[^>]*>'
    r"|<footer.*?</footer>|<link[^>]*favicon[^>]*>|background[^;{}]*url\('http[^;]*;",
    re.DOTALL,
)
_STYLE = """<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 0 auto; padding: 16px; }
table { border-collapse: collapse; margin: 8px 0 20px; font-size: 14px; }
th, td { border: 1px solid #dfe5eb; padding: 4px 10px; text-align: left; vertical-align: top; }
.fa-check-circle::before { content: "held"; color: #14734a; }
.fa-times::before { content: "FAILED"; color: #b3261e; }
</style>
"""

if TYPE_CHECKING:
    from great_expectations.core import (
        ExpectationSuite,
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )


@dataclass(frozen=True)
class Finding:
    """What one expectation found.

    Attributes:
        columns: those it looks at; none if it is about the whole table.
        observed: the value that was compared, or how many rows failed, or why it could not be
            checked.
        failing: ids of failing rows, sorted.
        failing_count: how many rows fail; an expectation may tolerate some (`mostly`).
        why: what the suite says is wrong where it fails, a sentence.
    """

    suite: str
    expectation: str
    columns: tuple[str, ...]
    severity: Severity
    success: bool
    observed: JsonValue
    failing: tuple[str, ...]
    failing_count: int
    why: str | None

    @property
    def column(self) -> str | None:
        """The name of its column, of all where it compares several; None for the whole table."""
        return ", ".join(self.columns) or None

    def noted(self, examples: int) -> NotedFinding:
        """For the record, with so many failing rows at most."""
        return NotedFinding(
            suite=self.suite,
            expectation=self.expectation,
            column=self.column,
            severity=self.severity,
            success=self.success,
            observed=self.observed,
            failing=self.failing[:examples],
            failing_count=self.failing_count,
            why=self.why,
        )

    def __str__(self) -> str:
        """One line, as of the record."""
        return str(self.noted(len(self.failing)))


@dataclass(frozen=True)
class SuiteResult:
    """The findings of a suite, in its order.

    Attributes:
        row: the column that identifies a row of the table.
    """

    findings: tuple[Finding, ...]
    row: str

    @property
    def success(self) -> bool:
        """Whether nothing critical failed."""
        return not self.failures("critical")

    def failures(self, severity: Severity) -> list[Finding]:
        """The failed expectations of a severity."""
        return [each for each in self.findings if not each.success and each.severity == severity]

    def noted(self, examples: int) -> Checks:
        """For the record; the same table and suite give the same.

        Args:
            examples: how many failing rows an expectation lists at most.
        """
        return Checks(
            success=self.success,
            statistics=Counts(
                evaluated=len(self.findings),
                failed_critical=len(self.failures("critical")),
                failed_warning=len(self.failures("warning")),
            ),
            expectations=tuple(each.noted(examples) for each in self.findings),
        )


def run_suite(
    table: pd.DataFrame,
    suite_file: Path,
    *,
    parameters: Mapping[str, Any] | None = None,
    page: Path | None = None,
) -> SuiteResult:
    """Check a table against a suite.

    Args:
        suite_file: JSON of a Great Expectations suite. Its `meta.row` names the column that
            identifies a row; each expectation has a `severity`, `critical` or `warning`.
        parameters: values for `{"$PARAMETER": name}` in the suite.
        page: where to write the Data Docs page of the result (HTML, with the time of the run).

    Raises:
        SmearflowError: the suite is missing, empty or not understood, or the table lacks the
            column that identifies a row.
    """
    import great_expectations as gx  # here, because it takes seconds
    from great_expectations.exceptions import GreatExpectationsError

    definition, row_id = _read_suite(suite_file)
    if row_id not in table:
        raise SmearflowError(
            f"{suite_file}: the table has no column {row_id}", "correct meta.row in that file"
        )
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)  # else prints tracebacks
    context = gx.get_context(mode="ephemeral")
    context.update_project_config({"progress_bars": {"globally": False}})
    asset = context.data_sources.add_pandas("table").add_dataframe_asset(suite_file.stem)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": table})
    try:
        result = batch.validate(
            _build_suite(definition),
            expectation_parameters=dict(parameters or {}),
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [row_id]},
        )
    except (GreatExpectationsError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise SmearflowError(f"{suite_file}: {reason}", "correct that expectation") from error
    if page:
        _write_page(result, page)
    findings = [_finding(suite_file.stem, each, row_id) for each in _in_order(result)]
    return SuiteResult(tuple(findings), row_id)


def require(result: SuiteResult, about: str, page: Path) -> None:
    """Print what failed, and stop if any of it is critical.

    Args:
        about: the table, for the message.
        page: that shows what failed.

    Raises:
        SmearflowError: a critical expectation failed.
    """
    critical = result.failures("critical")
    for finding in (*result.failures("warning"), *critical):
        print(f"{finding.severity}: {finding}", flush=True)
    if critical:
        counted = "a critical expectation fails:"
        if len(critical) > 1:
            counted = f"{len(critical)} critical expectations fail, first:"
        raise SmearflowError(
            f"{about}: {counted} {critical[0]}",
            f"see {page}, then correct the data (expectations/{critical[0].suite}.json has what is "
            "expected of them)",
        )


def _read_suite(file: Path) -> tuple[dict[str, Any], str]:
    """The suite's definition and the name of the column that identifies a row."""
    try:
        definition = json.loads(file.read_text())
        row_id, expectations = definition["meta"]["row"], definition["expectations"]
        for number, expectation in enumerate(expectations):
            if expectation["severity"] not in ("critical", "warning"):
                raise ValueError(f"severity {expectation['severity']} of number {number + 1}")
            expectation["meta"] = expectation.get("meta", {}) | {"number": number}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise SmearflowError(
            f"{file} is no suite of expectations: {error!r}", "correct that file"
        ) from error
    if not expectations:  # Great Expectations would call that a success
        raise SmearflowError(f"{file} holds no expectations", "add some")
    return definition, row_id


def _build_suite(definition: Mapping[str, Any]) -> "ExpectationSuite":
    from great_expectations import ExpectationSuite

    suite = ExpectationSuite(**definition)
    # an unknown type is logged and left out, and would never fail
    understood = {each.meta["number"] for each in suite.expectations}
    for expectation in definition["expectations"]:
        if expectation["meta"]["number"] not in understood:
            raise ValueError(f"{expectation['type']} is no valid expectation")
    return suite


def _in_order(result: "ExpectationSuiteValidationResult") -> list["ExpectationValidationResult"]:
    """The outcomes in the order of the suite; those that could not be checked come first."""
    return sorted(result.results, key=lambda each: each.expectation_config.meta["number"])


def _write_page(result: "ExpectationSuiteValidationResult", page: Path) -> None:
    # rendered directly: a Data Docs site would also write a default one to the temporary folder
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    page.parent.mkdir(parents=True, exist_ok=True)
    content = ValidationResultsPageRenderer(run_info_at_end=True).render(result)
    text = _ONLINE.sub("", DefaultJinjaPageView().render(content))
    page.write_text(text.replace("</head>", f"{_STYLE}</head>"), encoding="utf-8")


def _finding(suite: str, outcome: "ExpectationValidationResult", row_id: str) -> Finding:
    config, result = outcome.expectation_config, outcome.result
    rows = result.get("unexpected_index_list") or []
    return Finding(
        suite=suite,
        expectation=config.type,
        columns=_columns(config.kwargs),
        severity=config.severity.value,
        success=bool(outcome.success),
        observed=_observed(outcome),
        failing=tuple(sorted(str(row[row_id]) for row in rows)),
        failing_count=int(result.get("unexpected_count") or 0),
        why=(config.meta or {}).get("why"),
    )


def _columns(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that an expectation looks at: one, a pair or several."""
    named = [arguments.get(name) for name in ("column", "column_A", "column_B")]
    return (*filter(None, named), *(arguments.get("column_list") or ()))


def _observed(outcome: "ExpectationValidationResult") -> JsonValue:
    result, info = outcome.result, outcome.exception_info
    if result.get("observed_value") is not None:
        return result["observed_value"]
    if "unexpected_count" in result:
        return f"{result['unexpected_count']} of {result['element_count']} rows"
    if "missing_count" in result:  # of values in the column
        return f"missing: {', '.join(sorted(map(str, result['partial_missing_list']))) or 'none'}"
    if result:
        return result.get("details")
    causes = [info, *(each for each in info.values() if isinstance(each, dict))]
    reasons = sorted(each["exception_message"] for each in causes if each.get("exception_message"))
    return f"not checked: {reasons[0] if reasons else 'no reason given'}"
