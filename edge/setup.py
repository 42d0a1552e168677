"""What the wheel of the runtime is made of: found, not listed."""

import re
import tempfile
import tomllib
from modulefinder import ModuleFinder
from pathlib import Path

from setuptools import setup

CLONE = Path(__file__).resolve().parents[1]
ENTRY = "smearflow.edge.predict"
REQUIRED, OF_HEIC = ("ai-edge-litert", "numpy", "pillow"), "pillow-heif"


def modules() -> list[str]:
    """Modules of this project that the command imports, wherever in a file, and their packages."""
    finder = ModuleFinder([str(CLONE)])  # finds none of what is installed
    finder.import_hook(ENTRY)
    found = finder.modules.items()
    return sorted(f"{name}.__init__" if module.__path__ else name for name, module in found)


def main() -> None:
    """Build; what is built on the way is left outside the clone, where no later wheel finds it."""
    project = tomllib.loads((CLONE / "pyproject.toml").read_text())["project"]
    wanted = {re.match(r"[\w.-]+", each)[0]: each for each in project["dependencies"]}
    with tempfile.TemporaryDirectory() as work:
        setup(
            version=project["version"],
            install_requires=[wanted[name] for name in REQUIRED],
            extras_require={"heic": [wanted[OF_HEIC]]},
            package_dir={"": ".."},
            py_modules=modules(),
            options={"build": {"build_base": work}, "egg_info": {"egg_base": work}},
        )


main()
