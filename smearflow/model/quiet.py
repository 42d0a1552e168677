"""TensorFlow, imported without the lines it writes before its own log level counts.

On a machine without a GPU they are ten lines of no consequence, in every stage.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from smearflow.ground.stderr import stderr_into


@contextmanager
def held_stderr() -> Iterator[None]:
    """Hold back what native code writes to standard error; shown after all if the block fails."""
    with tempfile.TemporaryFile() as held:
        try:
            with stderr_into(held):
                yield
        except BaseException:
            held.seek(0)
            os.write(2, held.read())
            raise


with held_stderr():
    import tensorflow as tf

    tf.config.list_physical_devices("GPU")  # looks for one now, while nobody listens

__all__ = ["held_stderr", "tf"]
