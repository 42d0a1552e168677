"""Measurements that the README quotes: each is a command, `python -m benchmarks.<name>`."""
