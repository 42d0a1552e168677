"""TensorFlow and Keras, imported without the lines TensorFlow writes before its log level counts.

On a machine without a GPU they are ten lines of no consequence, in every stage. The package has
them imported here alone: what reads its curves needs neither, and waits seconds for neither.
"""

from smearflow.ground.stderr import held_stderr

with held_stderr():
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices("GPU")  # looks for one now, while nobody listens

__all__ = ["keras", "tf"]
