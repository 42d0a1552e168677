"""The curve of the final training."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from smearflow.report.pictures.style import DPI, log_axis, with_gaps

_HIGHEST_LOSS = 3.0  # nats drawn; a diverged run would press all others flat


def plot_training(history: Mapping[str, Any], path: Path) -> None:
    """Loss and accuracy over epochs, validation solid and training dashed.

    Args:
        history: as the stage train writes it: curve, diagnosis, best_epoch and epochs.
    """
    curve = history["curve"]
    epochs = range(1, len(curve["loss"]) + 1)
    figure = Figure(figsize=(13, 4.7), layout="constrained")
    figure.suptitle(f"Training on all training patients: {history['diagnosis']}")
    name = f"best epoch {history['best_epoch']} of {history['epochs']}"
    panels = figure.subplots(1, 2)
    for panel, series in zip(panels, ("loss", "accuracy"), strict=True):
        panel.plot(epochs, with_gaps(curve[series]), "--", color="C0", alpha=0.7)
        panel.plot(epochs, with_gaps(curve[f"val_{series}"]), ".-", color="C0")
        quantity = "cross-entropy (nats)" if series == "loss" else series
        title = f"{name} (validation solid, training dashed)"
        panel.set(xlabel="epoch", ylabel=quantity, title=title)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.grid(alpha=0.3)
    panels[0].set_yscale("log")
    log_axis(panels[0].yaxis)
    panels[0].set_ylim(top=min(panels[0].get_ylim()[1], _HIGHEST_LOSS))
    panels[1].plot([], [], ".-", color="C0", label="final training")
    panels[1].legend(fontsize="small", loc="center left", bbox_to_anchor=(1.02, 0.5))
    figure.savefig(path, dpi=DPI)
