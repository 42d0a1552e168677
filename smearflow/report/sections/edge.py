"""The files for devices."""

from pathlib import Path

from smearflow.records.edge import Asked, EdgeFile, EdgeMetadata
from smearflow.report.elements import Section, Table
from smearflow.report.results import read_json
from smearflow.report.text import display_name, megabytes, number

FASTER = 0.8  # of the other's time: less is more than the noise of a busy machine
Milliseconds = dict[str, float]


def edge_section(root: Path) -> Section | None:
    """The exported files, and why one of them was chosen."""
    edge = EdgeMetadata.read_if_there(root)
    if edge is None:
        return None
    latency = read_json(root, "reports/export/latency.json") or {}
    times = {file: latency[file]["p50_ms"] for file in edge.models if file in latency}
    sentences = [*why_chosen(edge), *_faster(edge, times)]
    return Section("edge", "The file for devices", sentences, _tables(edge, times))


def why_chosen(edge: EdgeMetadata) -> list[str]:
    """What was asked of the file, and what made this one the choice."""
    if edge.asked is None:
        return [edge.reason] if edge.reason else []
    margins = ", ".join(
        f"{number(margin)} of {display_name(metric)}"
        for metric, margin in edge.asked.margins.items()
    )
    asked = (
        f"Asked of a file: on validation cells, each at its own threshold, no worse than the Keras "
        f"model by more than {margins} (95 %, one-sided, paired bootstrap); and at most "
        f"{megabytes(edge.asked.most_bytes)}."
    )
    return [asked, _why(edge), *_failed(edge, edge.asked)]


def _why(edge: EdgeMetadata) -> str:
    if not edge.shipped.no_worse:
        return f"No file is shown to be no worse: {edge.chosen} ships, which changes no number."
    if not edge.shipped.small_enough:
        return f"No file within the size is no worse: {edge.chosen} is the smallest of all others."
    return f"{edge.chosen} is the fastest that meets both."


def _failed(edge: EdgeMetadata, asked: Asked) -> list[str]:
    """What each of the other files lacks."""
    return [
        f"{name} does not: {'; '.join(reasons)}."
        for name, file in sorted(edge.models.items())
        if (reasons := [*_worse(file, asked), *_too_large(file)])
    ]


def _worse(file: EdgeFile, asked: Asked) -> list[str]:
    found = file.differences or {}
    return [
        f"{display_name(metric)} may be {number(-least)} lower"
        if (least := found[metric].at_least) is not None
        else f"{display_name(metric)} is undefined"
        for metric, margin in asked.margins.items()
        if metric in found and not found[metric].no_worse_by(margin)
    ]


def _too_large(file: EdgeFile) -> list[str]:
    return [f"it has {megabytes(file.bytes)}"] if file.small_enough is False else []


def _faster(edge: EdgeMetadata, times: Milliseconds) -> list[str]:
    """Where a clock says otherwise than the choice, which goes by how LiteRT runs a file."""
    return [
        f"On this machine {name} was measured faster, {times[name]:.2f} ms against "
        f"{times[edge.chosen]:.2f} ms."
        for name, file in sorted(edge.models.items())
        if file.no_worse
        and file.small_enough
        and {name, edge.chosen} <= set(times)
        and times[name] < FASTER * times[edge.chosen]
    ]


def _tables(edge: EdgeMetadata, times: Milliseconds) -> list[Table]:
    rows = [
        (
            file,
            "yes" if file == edge.chosen else "",
            megabytes(model.bytes),
            f"{times[file]:.2f} ms" if file in times else "–",
            number(model.threshold),
            f"{100 * model.agreement:.2f} %",
            number(model.largest_difference),
        )
        for file, model in sorted(edge.models.items())
    ]
    columns = (
        "file",
        "chosen",
        "size",
        "latency, one thread (median)",
        "threshold",
        "same decision as the Keras model",
        "largest difference in probability",
    )
    files = Table("Files", columns, rows, ("file",))
    return [files, *_beside_the_model(edge)]


def _beside_the_model(edge: EdgeMetadata) -> list[Table]:
    if edge.asked is None:
        return []
    rows = [
        (
            file,
            display_name(metric),
            _signed(found.value),
            f"{_signed(found.low)} to {_signed(found.high)}",
            _signed(found.at_least),
            _signed(-edge.asked.margins[metric]),
            "yes" if found.no_worse_by(edge.asked.margins[metric]) else "no",
        )
        for file, model in sorted(edge.models.items())
        for metric, found in (model.differences or {}).items()
    ]
    columns = ("file", "figure", "difference", "95 %", "at least", "asked", "met")
    return [Table("Difference to the Keras model", columns, rows, ("file", "figure"), aside=False)]


def _signed(value: float | None) -> str:
    return number(None) if value is None else f"{value:+.4f}"
