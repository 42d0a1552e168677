"""A private door of TensorFlow: the list of gradients, which grows with every traced step."""

from collections.abc import Iterator
from contextlib import contextmanager

from tensorflow.python.framework.ops import gradient_registry


def registered_gradients() -> set[str]:
    """Names of the gradients that TensorFlow keeps at present."""
    return set(gradient_registry.list())


@contextmanager
def forgetting_gradients() -> Iterator[None]:
    """Undo what optimizers leave behind: 150 MB a run.

    For each training step they trace, TensorFlow registers a gradient for good, and with it keeps
    the graph of the step. Nobody differentiates a finished step.
    """
    before = registered_gradients()
    try:
        yield
    finally:
        for name in registered_gradients() - before:
            del gradient_registry._registry[name]
