"""What orders and tells starts at once: it loads none of the libraries that take seconds."""

import subprocess
import sys

from tests.material import PROJECT

ORDERING = [f"flows.{file.stem}" for file in (PROJECT / "flows").glob("[!_]*.py")]
TELLING = ["stages.ingest", "stages.validate", "stages.split", "stages.analyse", "stages.pages"]
SLOW = {"tensorflow", "keras", "evidently", "great_expectations", "distributed"}


def test_no_flow_and_no_stage_of_tables_and_words_loads_what_takes_seconds() -> None:
    show = f"import sys, {', '.join(ORDERING + TELLING)}; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run(
        [sys.executable, "-c", show], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert "flows.training" in loaded
    assert SLOW & set(loaded) == set()
