"""The final training."""

from pathlib import Path

from smearflow.records.training import History, Training
from smearflow.report.elements import Section, Table
from smearflow.report.pictures.captions import stage_pictures
from smearflow.report.text import number, setting
from smearflow.report.wording import advice


def train_section(root: Path, pictures: Path) -> Section | None:
    """The configuration trained on all of the training side and what its curve looks like."""
    trained, history = Training.read_if_there(root), History.read_if_there(root)
    if trained is None or history is None:
        return None
    sentences = [
        f"Trained for {history.epochs} epochs; the weights of epoch {history.best_epoch} "
        f"were kept. The curve looks {trained.diagnosis}: {advice(trained.diagnosis)}.",
        f"Decision threshold: {number(trained.threshold)}, chosen on validation cells.",
    ]
    table = Table(
        "Configuration",
        ("parameter", "value"),
        [(name, setting(value)) for name, value in sorted(trained.configuration)],
        ("parameter",),
        aside=True,
    )
    return Section("train", "The training", sentences, [table], stage_pictures(pictures, "train"))
