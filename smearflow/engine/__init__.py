"""Many training runs: in worker processes, resumed where they were interrupted, with progress."""
