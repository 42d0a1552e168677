"""Many training runs: in worker processes, resumed where they were interrupted, with progress."""

import smearflow.model.quiet  # noqa: F401  before Keras and TensorFlow are imported below
