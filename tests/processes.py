"""Workers of processes that are killed."""

import os
import select
import subprocess
import sys
from pathlib import Path

from tests.material import PROJECT


def children(parent: int) -> list[int]:
    """Workers of a process; multiprocessing's resource tracker is none."""
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [
        int(child)
        for child in found
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def kill_starter(starter: "subprocess.Popen[bytes]") -> int:
    """Kill a process with workers; how many there were, all ended by now."""
    workers = [os.pidfd_open(child) for child in children(starter.pid)]
    starter.kill()
    for worker in workers:  # readable as soon as the process has ended
        assert select.select([worker], [], [], 60)[0], "a worker outlived its starter"
        os.close(worker)
    return len(workers)


def workers_of_killed(script: Path, source: str, *arguments: str) -> int:
    """Run a program until it prints `one`, kill it; how many workers it had, all ended by now."""
    script.write_text(source)
    starter = subprocess.Popen(
        [sys.executable, str(script), *arguments],
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
    )
    assert starter.stdout is not None
    with starter:
        assert starter.stdout.readline() == b"one\n"
        return kill_starter(starter)
