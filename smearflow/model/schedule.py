"""How the learning rate of a run moves from step to step, apart from falls on plateaus."""

import math

from smearflow.model.quiet import keras
from smearflow.params.model import Configuration

Logs = dict[str, float] | None


def rate_at(step: int, steps: int, configuration: Configuration) -> float:
    """The learning rate of a step, before any fall on a plateau.

    It rises in a line over the warm-up (Goyal et al. 2017), at most half of the run, so that short
    runs learn at their own rate, too. Then it stays or, as a cosine, falls to 0 at the end of the
    run (Loshchilov & Hutter 2017).

    Args:
        step: counted from 0.
        steps: of the whole run, as planned.
    """
    rate, warm = configuration.learning_rate, warmup(steps, configuration)
    if step < warm:
        return rate * (step + 1) / warm
    if configuration.schedule == "plateau":
        return rate
    return rate * 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))


def warmup(steps: int, configuration: Configuration) -> int:
    """Steps of the warm-up of a run of so many steps."""
    return min(configuration.warmup_steps, steps // 2)


class Schedule(keras.callbacks.Callback):
    """Sets the rate before each step, outside the traced step: other schedules trace nothing anew.

    After the warm-up of the schedule `plateau` it leaves the rate to whoever watches plateaus.

    Args:
        steps: of the whole run, as planned.
    """

    def __init__(self, configuration: Configuration, steps: int) -> None:
        super().__init__()
        self._configuration, self._steps, self._step = configuration, steps, 0
        warm = warmup(steps, configuration)
        # one step more, which ends the warm-up at the whole rate
        plateau = warm + 1 if warm else 0
        self._until = plateau if configuration.schedule == "plateau" else steps

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Set the rate of the step."""
        del batch, logs
        if self._step < self._until:
            rate = rate_at(self._step, self._steps, self._configuration)
            self.model.optimizer.learning_rate = rate
        self._step += 1
