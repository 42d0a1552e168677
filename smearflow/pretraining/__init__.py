"""Pre-training of the embedded backbone: from rendered cells to a module in TF-Hub's format."""

import smearflow.model.quiet  # noqa: F401  before Keras and TensorFlow are imported below
