"""What expectations on a table found, and what the stage validate makes of it."""

from typing import ClassVar, Literal

from pydantic import JsonValue

from smearflow.ground.record import Part, Record

_SHOWN = 3  # failing rows in a line


class NotedFinding(Part):
    """What one expectation found.

    Attributes:
        suite: that it is part of.
        expectation: its type, as Great Expectations names it.
        column: that it looks at, several joined by commas; None: the whole table.
        severity: of a failure.
        success: whether it holds.
        observed: the value that was compared, or how many rows failed, or why it could not be
            checked; whatever Great Expectations tells.
        failing: ids of the first failing rows.
        failing_count: of all failing rows.
        why: what is wrong where it fails, a sentence.
    """

    suite: str
    expectation: str
    column: str | None
    severity: Literal["critical", "warning"]
    success: bool
    observed: JsonValue
    failing: tuple[str, ...]
    failing_count: int
    why: str | None

    def __str__(self) -> str:
        """One line: what is wrong, the first failing rows, what was found by which expectation."""
        expectation = f"{self.column}: {self.expectation}" if self.column else self.expectation
        wrong = self.why.rstrip(".") if self.why else expectation
        rows = f": {', '.join(self.failing[:_SHOWN])}" if self.failing else ""
        more = ", ..." if self.failing_count > _SHOWN else ""
        return f"{wrong}{rows}{more} ({self.observed}; {expectation})"


class Counts(Part):
    """Numbers of expectations: all, and those that fail by severity."""

    evaluated: int
    failed_critical: int
    failed_warning: int


class Checks(Part):
    """What a suite found.

    Attributes:
        success: whether nothing critical failed.
        statistics: in numbers.
        expectations: in the order of the suite.
    """

    success: bool
    statistics: Counts
    expectations: tuple[NotedFinding, ...]


class Validation(Checks, Record):
    """results.json: what the manifest's suite found in the images that are kept.

    Attributes:
        images: in the manifest.
        corrected: those whose label a later source corrects.
        quarantined: those left out as they fail.
    """

    STAGE: ClassVar[str] = "validate"
    NAME: ClassVar[str] = "results.json"

    images: int
    corrected: int
    quarantined: int
