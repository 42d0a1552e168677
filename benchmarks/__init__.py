"""Measurements that docs/results.md quotes: each is a command, `python -m benchmarks.<name>`."""
