"""What decided the last bits of a training: kept with it, because other machines give others."""

import platform
from importlib.metadata import version
from pathlib import Path

from smearflow import ARITHMETIC

_PACKAGES = ("tensorflow", "keras", "numpy")


def arithmetic() -> dict[str, str]:
    """Processor, threads and kernels, and versions of the packages that compute."""
    packages = {name: version(name) for name in _PACKAGES}
    return {"processor": _processor(), **ARITHMETIC, **packages}


def _processor() -> str:
    """The name of its model, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
