"""TensorFlow and Keras, imported without the lines TensorFlow writes before its log level counts.

On a machine without a GPU they are ten lines of no consequence, in every stage. The package has
them imported here alone: what reads its curves needs neither, and waits seconds for neither.
"""

import gc

from smearflow.ground.stderr import held_stderr

with held_stderr():
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices("GPU")  # looks for one now, while nobody listens

# Half a million objects that stay as long as the process: whenever a model is dropped, Keras has
# Python look through all objects, which took a third of the time of a short training.
gc.freeze()

__all__ = ["keras", "tf"]
