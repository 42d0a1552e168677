"""What comes from elsewhere is never run: no module uses a way of reading that runs what it reads.

And no name from elsewhere steers what shows it: a terminal, a page, a spreadsheet.
"""

import ast
import csv
import io
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pandas as pd
import pytest

from smearflow.cells.files import survey
from smearflow.edge.scoring import Scored
from smearflow.edge.tables import PatientRow, cells_csv, patients_csv
from smearflow.gate.page import PAGE, write_offenders
from smearflow.ground.errors import SmearflowError
from smearflow.intake.matching import Finder
from tests.material import PROJECT

TOPS = ("benchmarks", "edge", "flows", "smearflow", "stages")
CODE = sorted(file for top in TOPS for file in (PROJECT / top).rglob("*.py"))
# Modules that read pickles, and those of which a safer one exists.
MODULES = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve", "yaml"}
# Functions and methods that run what they are given, or unpack it anywhere.
CALLS = {
    *("eval", "exec", "system", "popen", "extractall", "unpack_archive"),
    *("load_weights", "read_pickle", "enable_unsafe_deserialization", "from_config"),
}
ARGUMENTS = {("allow_pickle", True), ("safe_mode", False), ("shell", True)}


def suspects(file: Path) -> Iterator[str]:
    """What a module does that could run what it reads."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from MODULES & {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            yield from MODULES & {(node.module or "").partition(".")[0]}
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            yield from CALLS & {name.rpartition(".")[2]}
            if name.startswith(("keras.", "tf.keras.")) and name.endswith("load_model"):
                yield name
            for each in node.keywords:
                if (
                    isinstance(each.value, ast.Constant)
                    and (each.arg, each.value.value) in ARGUMENTS
                ):
                    yield f"{each.arg}={each.value.value!r}"


def test_no_module_runs_what_it_reads() -> None:
    found = {
        (file.relative_to(PROJECT).as_posix(), name) for file in CODE for name in suspects(file)
    }
    assert found == set()


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "keras.models.load_model(x)",
        "np.load(x, allow_pickle=True)",
        "subprocess.run(x, shell=True)",
        "tar.extractall(x)",
        "eval(x)",
    ],
)
def test_such_a_module_would_be_found(code: str, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(code)
    assert list(suspects(tmp_path / "module.py"))


@pytest.mark.parametrize(
    "name",
    [
        *("\x1b[2Jcell.png", "cell\x9b2J.png", "a\nerror: b.png", "a\rb.png", "a\tb.png"),
        *("cell\u202egnp.exe.png", "cell\u2066.png", "a\u2028b.png"),
    ],
    ids=ascii,
)
def test_a_name_that_steers_a_terminal_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(SmearflowError, match="rename that file") as caught:
        survey(tmp_path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "name", ["=cmd|' /C calc'!A0.png", "+1.png", "-1+2.png", "@SUM(A1).png", 'a,b".png', "a.png"]
)
def test_no_name_becomes_a_formula(name: str) -> None:
    scored = Scored(file=name, patient=name, probability=0.5, label="no")
    row = PatientRow(name, 1, 0, 0.0, 0, 1, 0, None, None, None, None, 0)
    for text, column in ((cells_csv([scored]), "file"), (patients_csv([row]), "patient")):
        (read,) = csv.DictReader(io.StringIO(text))
        assert read[column].removeprefix("'") == name
        assert read[column][0] not in "=+-@"


@pytest.mark.parametrize(
    "name",
    [
        *("../outside.png", "a/../../outside.png", "..\\outside.png", "/etc/passwd", "C:\\out.png"),
        *("%2e%2e/outside.png", "..%2foutside.png", "file:///etc/passwd", "~/outside.png"),
    ],
)
def test_a_table_names_images_of_its_folder_alone(name: str) -> None:
    """Whatever a row names is looked for among the images that are there, and never opened."""
    assert Finder([PurePosixPath("a/inside.png")]).find(name) is None


def test_no_name_becomes_markup(tmp_path: Path) -> None:
    name = "<script>alert(1)</script>\"'&.png"
    found = pd.DataFrame(
        {
            "path": [name],
            "severity": "warning",
            "column": "width",
            "expectation": "between",
            "why": "too small",
            "value": name,
        }
    )
    write_offenders(tmp_path, name, found, lambda _: b"", 1)
    page = (tmp_path / PAGE).read_text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
