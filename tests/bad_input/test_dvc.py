"""Bad input where DVC runs the stages."""

import re
import socket
import subprocess
import sys

from flows.processes import end_group, start_guarded, tool_environment
from tests.bad_input import spoil
from tests.bad_input.cases import TWO_REPROS
from tests.bad_input.lab import KEPT, Lab, run_program
from tests.commands import dvc
from tests.material import PROJECT
from tests.stages.project import tree, write_params

REPRO = (sys.executable, "-m", "dvc", "repro")
WAIT_SECONDS = 300.0


def test_earlier_results_come_back_from_the_cache(lab: Lab) -> None:
    before = {name: tree(lab.root / name) for name in KEPT}
    spoil.no_folders(lab)
    ended = run_program(lab, *REPRO, "ingest")
    assert ended.status != 0
    (line,) = ended.starting("error: ")
    assert line.startswith("error: ingest: <cells> holds no folders")
    assert not (lab.root / "outputs/ingest").exists()
    for name in set(KEPT) - {"outputs"}:
        assert tree(lab.root / name) == before[name]
    dvc(lab.root, "checkout", "ingest")
    assert tree(lab.root / "outputs") == before["outputs"]


def test_a_second_repro_is_told_who_works_there(lab: Lab) -> None:
    before = {name: tree(lab.root / name) for name in set(KEPT) - {"outputs"}}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(WAIT_SECONDS)
        lab.source["location"] = f"http://127.0.0.1:{silent.getsockname()[1]}/cells.zip"
        lab.environment["NO_PROXY"] = "127.0.0.1"
        write_params(lab.root, lab.params)
        first = start_guarded(
            [*REPRO, "ingest"],
            cwd=lab.root,
            environment=tool_environment() | lab.environment | {"PYTHONPATH": str(PROJECT)},
            output=subprocess.DEVNULL,
        )
        try:
            asking, _ = silent.accept()  # the first one waits for its download
            second = run_program(lab, *REPRO, "ingest")
            asking.close()
        finally:
            end_group(first, 10)
    assert second.status != 0
    # DVC names whichever of the stage's folders it comes upon first, and its own program at length
    told = [
        re.sub(r" \S*dvc/__main__.py", " dvc", line.replace("reports", "outputs"))
        for line in second.lines
    ]
    assert set(TWO_REPROS.messages) <= set(told), second.lines
    assert {name: tree(lab.root / name) for name in before} == before
