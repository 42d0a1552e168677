"""The network: TF-Hub backbone, head, training, curves."""
