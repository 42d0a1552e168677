"""Figures, names and settings as a person writes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from smearflow.params.model import Configuration, Setting, Value
from smearflow.records.figures import Estimate


def number(value: Any, digits: int = 3) -> str:
    """A figure as text; a dash where it is undefined."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.{digits}g}" if abs(value) < 0.01 and value else f"{value:.{digits}f}"
    return str(value)


def with_interval(figure: Estimate) -> str:
    """`0.958 (0.949–0.966)`."""
    if figure.value is None:
        return number(None)
    return f"{number(figure.value)} ({confidence_interval(figure)})"


def confidence_interval(figure: Estimate) -> str:
    """`0.949–0.966`; a dash where the figure is undefined."""
    if figure.value is None:
        return number(None)
    return f"{number(figure.low)}–{number(figure.high)}"


def mean_and_deviation(mean: float | None, std: float | None) -> str:
    """`0.1560 ± 0.0120`; without the spread where there was a single run."""
    if mean is None:
        return number(None)
    return f"{mean:.4f}" if std is None else f"{mean:.4f} ± {std:.4f}"


def megabytes(size: int) -> str:
    """Bytes as `0.68 MB`, of a million bytes."""
    return f"{size / 1e6:.2f} MB"


def display_name(name: str) -> str:
    """`roc_auc` as a person writes it."""
    acronyms = {"roc_auc": "ROC AUC", "pr_auc": "PR AUC", "mcc": "MCC", "f1": "F1"}
    return acronyms.get(name, readable(name))


def readable(name: str) -> str:
    """A field of a configuration in words."""
    return name.replace("_", " ")


def short_name(patient: str) -> str:
    """A patient without the source of the cells: `C10` of `sample/C10`."""
    return patient.rpartition("/")[2]


def setting(value: Value) -> str:
    """The value of a field of a configuration as text."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def settings(values: Mapping[str, Value]) -> str:
    """`learning rate 0.0002, optimizer adam`."""
    return ", ".join(f"{readable(name)} {setting(value)}" for name, value in sorted(values.items()))


def in_order(values: Mapping[str, Value]) -> Setting:
    """Settings in the order of a configuration's fields, which no JSON file keeps."""
    return {name: values[name] for name in Configuration.model_fields if name in values}


def between(bounds: Sequence[float]) -> str:
    """`0.0001 to 0.01`."""
    return f"{setting(bounds[0])} to {setting(bounds[1])}"


def enumerate_words(names: Sequence[str], conjunction: str = "and") -> str:
    """`dropout, momentum and learning rate`."""
    *start, last = map(readable, names)
    return f"{', '.join(start)} {conjunction} {last}" if start else last


def columns(rows: Sequence[Sequence[str]], indent: str = "  ") -> str:
    """Rows of texts as aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        indent
        + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
