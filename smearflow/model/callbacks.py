"""What is recorded while a model trains."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smearflow.model.curves import BEYOND_RECOVERY, SERIES, Curve
from smearflow.model.network import landmarks
from smearflow.model.quiet import keras, tf

Logs = dict[str, float] | None
"""What Keras tells of a step or an epoch: means of its loss and metrics."""

HISTOGRAM_BINS = 30

Tell = Callable[[str, float, float | None], None]
"""Gets an epoch's losses in words, its seconds, and its validation loss."""


@dataclass(frozen=True)
class WeightCounts:
    """How many weights lie in each of equal bins between the lowest and the highest."""

    low: float
    high: float
    counts: list[int]


class DivergedError(Exception):
    """The loss became infinite, undefined, or so large that further steps are wasted."""


class Recorder(keras.callbacks.Callback):
    """Keeps the curve and ends training where it has diverged.

    Put it before whatever changes the learning rate at the end of an epoch.

    Attributes:
        curve: per epoch; without validation cells the validation series stay empty.
        steps: of the optimizer so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.curve: Curve = {name: [] for name in SERIES}
        self.steps = 0
        self._norms: list[float] = []  # of the steps of an epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Look at the running mean, which stays non-finite once a loss was."""
        del batch
        self.steps += 1
        self._norms.append(float((logs or {})["gradient_norm"]))
        if not math.isfinite(float((logs or {})["loss"])):
            self._note(dict.fromkeys(SERIES))
            raise DivergedError

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Append the epoch."""
        del epoch
        rate = float(self.model.optimizer.learning_rate)
        values = {name: float(value) for name, value in (logs or {}).items()}
        self._note(values | {"learning_rate": rate})
        if not values.get("val_loss", 0.0) <= BEYOND_RECOVERY:  # NaN is not either
            raise DivergedError

    def _note(self, values: Mapping[str, float | None]) -> None:
        largest = max(self._norms, key=lambda norm: norm if math.isfinite(norm) else math.inf)
        values = {**values, "gradient_norm": largest}
        self._norms.clear()
        for name, series in self.curve.items():
            if name in values:
                value = values[name]
                series.append(value if value is not None and math.isfinite(value) else None)


class EpochLines(keras.callbacks.Callback):
    """Tells whoever waits of each epoch."""

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self._tell = tell
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Note the time."""
        del epoch, logs
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Tell the losses, and how long it took."""
        del epoch
        losses = ", ".join(
            f"{name} {value:.4f}" for name, value in (logs or {}).items() if name.endswith("loss")
        )
        self._tell(losses, time.perf_counter() - self._started, (logs or {}).get("val_loss"))


class WeightHistograms(keras.callbacks.Callback):
    """Counts the weights of `landmarks` by size.

    Attributes:
        found: per landmark a histogram before training and one after each epoch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[WeightCounts]] = {}

    def on_train_begin(self, logs: Logs = None) -> None:
        """Count before training."""
        del logs
        self._count()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Count after an epoch."""
        del epoch, logs
        self._count()

    def _count(self) -> None:
        for name, weight in landmarks(self.model).items():
            values = weight.numpy().ravel()
            values = values[np.isfinite(values)]
            counts, _ = np.histogram(values, bins=HISTOGRAM_BINS)
            low, high = (values.min(), values.max()) if values.size else (0.0, 0.0)
            counted = WeightCounts(float(low), float(high), counts.tolist())
            self.found.setdefault(name, []).append(counted)


class TensorBoardLog(keras.callbacks.Callback):
    """Scalars and, for the weights of `landmarks`, histograms, once per epoch.

    Keras' own callback writes histograms of all weights: two hundred, 1.4 s an epoch.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._writer = tf.summary.create_file_writer(str(folder))

    def on_train_begin(self, logs: Logs = None) -> None:
        """Write the weights before training, as epoch 0."""
        del logs
        self._write_histograms(0)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the epoch."""
        with self._writer.as_default(step=epoch + 1):
            for name, value in (logs or {}).items():
                tf.summary.scalar(name, value)
            tf.summary.scalar("learning_rate", float(self.model.optimizer.learning_rate))
        self._write_histograms(epoch + 1)

    def on_train_end(self, logs: Logs = None) -> None:
        """Close the file."""
        del logs
        self._writer.close()

    def _write_histograms(self, step: int) -> None:
        with self._writer.as_default(step=step):
            for name, weight in landmarks(self.model).items():
                tf.summary.histogram(name.replace(" ", "/"), weight.value)
        self._writer.flush()
