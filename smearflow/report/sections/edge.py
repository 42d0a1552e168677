"""The files for devices."""

from pathlib import Path

from smearflow.records.edge import EdgeMetadata
from smearflow.report.elements import Section, Table
from smearflow.report.results import read_json
from smearflow.report.text import megabytes, number


def edge_section(root: Path) -> Section | None:
    """The exported files, and why one of them was chosen."""
    edge = EdgeMetadata.read_if_there(root)
    if edge is None:
        return None
    latency = read_json(root, "reports/export/latency.json") or {}
    rows = [
        (
            file,
            "yes" if file == edge.chosen else "",
            megabytes(model.bytes),
            f"{100 * model.agreement:.2f} %",
            number(model.largest_difference),
            f"{latency[file]['p50_ms']:.2f} ms" if file in latency else "–",
        )
        for file, model in sorted(edge.models.items())
    ]
    columns = (
        "file",
        "chosen",
        "size",
        "same decision as the Keras model",
        "largest difference in probability",
        "latency, one thread (median)",
    )
    table = Table("Files", columns, rows, ("file",))
    return Section("edge", "The file for devices", [edge.reason], [table])
