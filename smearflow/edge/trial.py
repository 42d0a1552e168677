"""Start a model once, as a device would, and ask it about cells: `trial.py FOLDER PIXELS.npy`.

A process of its own, with what a device has and no more, so that its memory and time are a
device's. Prints JSON: probabilities, milliseconds of each cell, seconds to load, peak of memory.
"""

import json
import re
import resource
import sys
import time
from pathlib import Path

import numpy as np

from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError

_BYTES = 1 if sys.platform == "darwin" else 1024  # in a unit of the peak that the system tells


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
    peak = _peak_bytes()
    told = {"load_seconds": load_seconds, "peak_bytes": peak, "milliseconds": milliseconds}
    print(json.dumps(told | {"probabilities": probabilities}))


def _peak_bytes() -> int:
    """Most memory that this process has had.

    Linux counts that of the process which started this one in getrusage, too, but not in status.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        told = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        if told:
            return int(told[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES


if __name__ == "__main__":
    main()
