"""Start a model once, as a device would, and ask it about cells: `trial.py FOLDER PIXELS.npy`.

A process of its own, with what a device has and no more, so that its memory and time are a
device's. Prints JSON: probabilities, milliseconds of each cell, seconds to load, peak of memory.
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError


def main() -> None:
    """Load the model of a release or an export, and ask it cell by cell."""
    folder, pixels = map(Path, sys.argv[1:])
    started = time.perf_counter()
    try:
        model = EdgeModel(folder)
    except SmearflowError as error:
        sys.exit(str(error))
    load_seconds = time.perf_counter() - started
    probabilities, milliseconds = [], []
    for cell in np.load(pixels):
        started = time.perf_counter()
        probabilities.append(float(model.predict(cell[np.newaxis])[0][0]))
        milliseconds.append(1000 * (time.perf_counter() - started))
    told = {"load_seconds": load_seconds, "peak_bytes": _peak(), "milliseconds": milliseconds}
    print(json.dumps(told | {"probabilities": probabilities}))


def _peak() -> int:
    """Bytes of memory that this process had at most.

    Linux counts into getrusage's figure what the parent had when it started this process.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        (line,) = (each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
        return 1024 * int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS: bytes


if __name__ == "__main__":
    main()
