"""`make validate`: labelled cells judged by the real stages in a real flow, without training."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from flows.processes import tool_environment
from flows.server import running_server
from tests.end_to_end.clones import new_clone
from tests.material import short_params, write_cells

SETTINGS = "split.image_size=32 split.floors.cells=4 split.floors.patients=2 split.test=0.25"


def judge(project: Path, cells: Path, *settings: str) -> "subprocess.CompletedProcess[str]":
    command = ["-m", "flows.program", "validate", "--profile", "nih", "--data", str(cells)]
    return subprocess.run(
        [sys.executable, *command, "--set", " ".join([SETTINGS, *settings])],
        cwd=project,
        env=tool_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_fails_is_named_and_then_quarantined(tmp_path: Path) -> None:
    cells = write_cells(tmp_path / "cells", patients=24)
    project = new_clone(tmp_path / "project", short_params(cells, cells))
    name = sorted((cells / "Parasitized").iterdir())[0].name
    shutil.copy(cells / "Parasitized" / name, cells / "Uninfected" / name)
    with running_server(project):  # both commands use it
        refused = judge(project, cells)
        assert refused.returncode == 1
        (line,) = refused.stderr.splitlines()
        assert line.startswith(
            "error: validate: the manifest: a critical expectation fails: The same pixels"
        )
        page = Path(line.split("see ")[1].split(", then")[0])
        assert page.read_text().count("data:image/png;base64,") >= 2
        quarantined = judge(project, cells, "validate.quarantine=critical")

    assert quarantined.returncode == 0, quarantined.stdout + quarantined.stderr
    assert "192; 2 quarantined, 0 corrected" in quarantined.stdout
    root = project / "runs/nih-validation"
    assert (root / "reports/validate/index.html").exists()
    assert not (root / "outputs/explore").exists()
    page = root / "reports/understood/index.html"
    assert page.read_text().count("<h2>Patient ") == 24
    assert "24, with" in quarantined.stdout
    assert "what a training on them can and cannot show" in quarantined.stdout


def test_where_nothing_tells_patients_a_pattern_is_proposed_that_does(tmp_path: Path) -> None:
    cells = write_cells(tmp_path / "cells", patients=24)
    for file in cells.glob("*/*.png"):
        file.rename(file.with_name(file.name.replace("C", "person", 1).replace("cell", "no")))
    project = new_clone(tmp_path / "project", short_params(cells, cells))
    refused = judge(project, cells)
    assert refused.returncode == 1
    assert "24 patients" in refused.stdout
    (proposed,) = re.findall(r'SET="(.*)"$', refused.stdout, re.MULTILINE)
    again = judge(project, cells, proposed)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "what was understood" in again.stdout
