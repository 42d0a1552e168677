"""The network: TF-Hub backbone, head, training, curves."""

import smearflow.model.quiet  # noqa: F401  before Keras and TensorFlow are imported below
