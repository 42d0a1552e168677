"""TensorFlow, imported without the lines it writes before its own log level counts.

On a machine without a GPU they are ten lines of no consequence, in every stage.
"""

from smearflow.ground.stderr import held_stderr

with held_stderr():
    import tensorflow as tf

    tf.config.list_physical_devices("GPU")  # looks for one now, while nobody listens

__all__ = ["tf"]
