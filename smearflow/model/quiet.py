"""TensorFlow, imported without the lines it writes before its own log level counts.

On a machine without a GPU they are ten lines of no consequence, in every stage.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_stderr() -> Iterator[None]:
    """Hold back what native code writes to standard error; shown after all if the block fails."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(kept, held.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


with held_stderr():
    import tensorflow as tf

    tf.config.list_physical_devices("GPU")  # looks for one now, while nobody listens

__all__ = ["held_stderr", "tf"]
