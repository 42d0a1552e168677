"""Measurements beside the pipeline: cross-validation, batch size, a linear probe."""
