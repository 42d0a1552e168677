"""The final training."""

from pathlib import Path

from smearflow.report.elements import Section, Table
from smearflow.report.pictures.found import pictures_of
from smearflow.report.results import read_json
from smearflow.report.text import number, setting


def train_section(root: Path, pictures: Path) -> Section | None:
    """The configuration trained on all training patients and what its curve looks like."""
    summary = read_json(root, "outputs/train/summary.json")
    history = read_json(root, "outputs/train/history.json")
    if summary is None or history is None:
        return None
    sentences = [
        f"Trained for {history['epochs']} epochs; the weights of epoch {history['best_epoch']} "
        f"were kept. The curve looks {summary['diagnosis']}.",
        f"Decision threshold: {number(summary['threshold'])}, chosen on validation cells.",
    ]
    table = Table(
        "Configuration",
        ("parameter", "value"),
        [(name, setting(value)) for name, value in sorted(summary["configuration"].items())],
        ("parameter",),
    )
    return Section("train", "Training", sentences, [table], pictures_of(pictures, "train"))
