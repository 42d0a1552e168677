"""Settings and result of each run for TensorBoard's HParams view, with its parallel coordinates."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tensorboard.plugins.hparams import api as hp

from smearflow.model.quiet import tf
from smearflow.records.exploration import RunRecord

METRIC = "best_val_loss"  # val_loss is the curve's, which ends at its last value


def write_hparams(folder: Path, runs: Sequence[RunRecord], varied: Sequence[str]) -> None:
    """Add the settings to the folder of TensorBoard's files, which has a folder per run's id.

    Args:
        runs: one without a loss has no metric.
        varied: fields of the configuration.
    """
    columns = {name: [getattr(run.configuration, name) for run in runs] for name in varied}
    parameters = [hp.HParam(name, _domain(values)) for name, values in columns.items()]
    with _events(folder):
        hp.hparams_config(parameters, [hp.Metric(METRIC, display_name="best validation loss")])
    for number, run in enumerate(runs):
        settings = {name: _plain(values)[number] for name, values in columns.items()}
        with _events(folder / run.id):
            hp.hparams(settings, trial_id=run.id)
            if run.val_loss is not None:
                tf.summary.scalar(METRIC, run.val_loss, step=run.best_epoch)


@contextmanager
def _events(folder: Path) -> Iterator[None]:
    writer = tf.summary.create_file_writer(str(folder), filename_suffix=".hparams")
    with writer.as_default():
        yield
    writer.close()


def _domain(values: Sequence[Any]) -> Any:
    """An interval for numbers, which gets a scale; choices for anything else."""
    plain = _plain(values)
    if isinstance(plain[0], float):
        return hp.RealInterval(min(plain), max(plain))
    return hp.Discrete(list(dict.fromkeys(plain)))


def _plain(values: Sequence[Any]) -> list[Any]:
    """Values of one type, as TensorBoard needs them: all numbers, all yes or no, or all texts."""
    if all(isinstance(value, bool) for value in values):
        return list(values)
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return [float(value) for value in values]
    return ["none" if value is None else str(value) for value in values]
