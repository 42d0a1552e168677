"""The stages of dvc.yaml, one per file: load the declared inputs, call the library, save."""
