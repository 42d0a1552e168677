"""From a trained network to files for devices."""
