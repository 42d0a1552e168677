"""The curve of the final training."""

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from smearflow.records.training import History
from smearflow.report.pictures.style import DPI, legend_below, log_axis, with_gaps
from smearflow.report.units import PATIENTS, Unit

_HIGHEST_LOSS = 3.0  # nats drawn; a diverged run would press all others flat


def plot_training(history: History, path: Path, unit: Unit = PATIENTS) -> None:
    """Loss and accuracy over epochs, validation solid and training dashed.

    Args:
        unit: what the split keeps on one side.
    """
    curve = history.curve
    epochs = range(1, len(curve.loss) + 1)
    figure = Figure(figsize=(13, 4.7), layout="constrained")
    figure.suptitle(
        f"Training on all training {unit.many}: {history.diagnosis}; "
        f"best epoch {history.best_epoch} of {history.epochs}"
    )
    panels = figure.subplots(1, 2)
    for panel, quantity, training, validation in (
        (panels[0], "cross-entropy (nats)", curve.loss, curve.val_loss),
        (panels[1], "accuracy", curve.accuracy, curve.val_accuracy),
    ):
        panel.plot(epochs, with_gaps(training), "--", color="0.35", label="cells learned from")
        panel.plot(epochs, with_gaps(validation), ".-", color="C0", label=f"validation {unit.many}")
        panel.axvline(history.best_epoch, color="0.6", ls=":", label="weights that were kept")
        panel.set(xlabel="epoch", ylabel=quantity)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.grid(alpha=0.3)
    panels[0].set_yscale("log")
    log_axis(panels[0].yaxis)
    panels[0].set_ylim(top=min(panels[0].get_ylim()[1], _HIGHEST_LOSS))
    legend_below(figure, panels[0], columns=3)
    figure.savefig(path, dpi=DPI)
