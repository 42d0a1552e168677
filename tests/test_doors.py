"""Private doors into libraries: each in one module, and what is behind it has not moved.

What a library does not call public may go in any release. A test that fails here names the module
to look at; where the library offers a public way by then, take that.
"""

import ast
import inspect
import json
import mmap
import re
import sys
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

import flows
import smearflow
from smearflow.params.model import Configuration
from tests.cells.deep_files import png, tiff
from tests.commands import dvc, run
from tests.material import PROJECT

# What is private, a module or an attribute, and the module of this project that uses it.
DOORS = {
    "_get_ops_details": "smearflow/conversion/operations.py",
    "_registry": "smearflow/model/forgetting.py",
    "dvc.config": "flows/store.py",
    "dvc.repo": "flows/store.py",
    "great_expectations.render.renderer": "smearflow/checks.py",
    "great_expectations.render.view": "smearflow/checks.py",
    "prefect.events.worker": "flows/sending.py",
    "prefect.logging.handlers": "flows/sending.py",
    "tensorflow.python.framework.convert_to_constants": "benchmarks/step.py",
    "tensorflow.python.framework.ops": "smearflow/model/forgetting.py",
}
TOPS = ("benchmarks", "flows", "smearflow", "stages")
CODE = {
    file: ast.parse(file.read_text()) for top in TOPS for file in PROJECT.glob(f"{top}/**/*.py")
}
PRIVATE = {"legacy", "python", "src"}  # parts of the names of modules
NAMED_TUPLES = {"_asdict", "_fields", "_make", "_replace"}  # whose public methods look private


def test_every_private_door_is_in_one_module() -> None:
    own = {name for tree in CODE.values() for name in _defined(tree)} | NAMED_TUPLES
    found: dict[str, set[str]] = {}
    for file, tree in CODE.items():
        for name in (*_private_modules(tree), *(_private_attributes(tree) - own)):
            found.setdefault(name, set()).add(file.relative_to(PROJECT).as_posix())
    assert found == {name: {file} for name, file in DOORS.items()}


def _private_modules(tree: ast.AST) -> set[str]:
    """Imported modules that are named above, or that are private by their look."""
    nodes = list(ast.walk(tree))
    imported = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    return {name for name in imported if name in DOORS or PRIVATE & set(name.split("."))} | {
        name for name in imported if re.search(r"(^|\.)_[a-z]|^dvc\.(?!api)", name)
    }


def _private_attributes(tree: ast.AST) -> set[str]:
    """Attributes with an underscore, of anything but modules of the standard library."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and not (isinstance(node.value, ast.Name) and node.value.id in sys.stdlib_module_names)
    }


def _defined(tree: ast.AST) -> Iterator[str]:
    """Names that a module gives to something of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def test_dvc_reads_settings_where_they_are_written(tmp_path: Path) -> None:
    from flows.store import cache_of, set_locally, share_store

    project, root = tmp_path / "project", tmp_path / "root"
    for folder in (project, root):
        (folder / ".dvc").mkdir(parents=True)
        (folder / ".dvc/config").write_text("[core]\n    no_scm = true\n")
    remote = {"shared": {"url": str(tmp_path / "remote")}}
    set_locally(project, {"core": {"remote": "shared"}, "remote": remote})
    share_store(project, root)
    told = ConfigParser(interpolation=None)
    told.read_string((root / ".dvc/config.local").read_text().replace("    ", ""))
    moved = "DVC's Config and Repo are not what flows/store.py takes them for"
    assert told["core"]["remote"] == "shared", moved
    assert told["'remote \"shared\"'"]["url"] == str(tmp_path / "remote"), moved
    assert cache_of(root) == cache_of(project) == project / ".dvc/cache", moved


def test_prefect_can_be_waited_for() -> None:
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        taken = inspect.signature(worker.drain_all).parameters
        assert "timeout" in taken, f"{worker} is not waited for as flows/sending.py does it"


def test_prefect_makes_a_parameter_of_an_event() -> None:
    from prefect.utilities.schema_tools.hydration import HydrationContext, hydrate

    from flows.deployments import deployments

    ((on_drift, on_labels),) = [each.triggers for each in deployments("toy") if each.triggers]
    payload = {"share": 0.5, "sentences": ['it\'s "blue"']}
    context = HydrationContext(render_jinja=True, jinja_context={"event": {"payload": payload}})
    found = [
        hydrate(dict(getattr(each, "parameters", None) or {}), context)
        for each in (on_drift, on_labels)
    ]
    told = "Prefect fills in parameters otherwise than flows/deployments.py writes them"
    drift = {"profile": "toy", "drift": payload}
    assert found == [drift, {"profile": "toy", "asker": "labels"}], told


def test_prefect_reads_our_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.logging.configuration import DEFAULT_LOGGING_SETTINGS_PATH, load_logging_config
    from prefect.settings import Settings

    switches = smearflow.DEFAULTS | flows.DEFAULTS
    ours = {name: value for name, value in switches.items() if name.startswith("PREFECT_")}
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    level = ours.pop("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL")
    read = Settings().to_environment_variables(exclude_unset=True)
    for name, value in ours.items():
        assert read.get(name, "").lower() == value.lower(), f"Prefect does not read {name}"
    console = load_logging_config(DEFAULT_LOGGING_SETTINGS_PATH)["handlers"]["console"]
    assert console["level"] == level, "Prefect does not read PREFECT_LOGGING_HANDLERS_..._LEVEL"
    leases = import_module(ours["PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"])
    assert hasattr(leases, "ConcurrencyLeaseStorage"), f"{leases} holds no leases any more"


def test_dvc_reads_our_switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dvc.analytics import is_enabled

    monkeypatch.chdir(tmp_path)
    for level in ("GLOBAL", "SYSTEM"):
        monkeypatch.setenv(f"DVC_{level}_CONFIG_DIR", str(tmp_path))
    monkeypatch.delenv("DVC_NO_ANALYTICS", raising=False)
    assert is_enabled()
    monkeypatch.setenv("DVC_NO_ANALYTICS", smearflow.DEFAULTS["DVC_NO_ANALYTICS"])
    assert not is_enabled(), "DVC does not read DVC_NO_ANALYTICS any more"


def test_tensorflow_knows_our_switches() -> None:
    """Without importing it: their names are in its library."""
    package = find_spec("tensorflow")
    assert package is not None
    assert package.origin is not None
    (library, *_) = Path(package.origin).parent.glob("libtensorflow_framework*")
    switches = smearflow.DEFAULTS | smearflow.ARITHMETIC
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        for name in (each for each in switches if each.startswith("TF_")):
            assert held.find(name.encode()) > 0, f"TensorFlow does not read {name} any more"


def test_numpy_reads_our_switch() -> None:
    code = (
        "import smearflow, numpy, threadpoolctl\n"
        "print({each['num_threads'] for each in threadpoolctl.threadpool_info()})"
    )
    assert run(PROJECT, sys.executable, "-c", code).strip() in ("{1}", "set()")


@pytest.mark.parametrize("write", [png, tiff], ids=["png", "tiff"])
def test_pillow_reads_samples_by_another_raw_mode(write: Callable[..., bytes]) -> None:
    from smearflow.images.samples import read_samples

    stored = np.array([[[0x0102, 0x0304, 0x0506], [0xFFFF, 0xFF00, 0x00FF]]], np.uint16)
    found = read_samples(write(stored)).values
    told = "Pillow keeps other bytes of 16-bit colours than smearflow/images/samples.py takes"
    assert np.array_equal(found, stored), told


@pytest.mark.heavy
def test_dvc_says_and_keeps_what_we_read(tmp_path: Path) -> None:
    from flows.store import finished_stages, folder_content
    from flows.tasks import _outcome

    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = true\n")
    stage = {"cmd": "mkdir out && cp a.txt out", "deps": ["a.txt"], "outs": ["out"]}
    (tmp_path / "a.txt").write_text("1")
    (tmp_path / "dvc.yaml").write_text(json.dumps({"stages": {"one": stage}}))
    said = []
    for forgotten in (False, False, True):
        if forgotten:
            (tmp_path / "dvc.lock").unlink()
        said.append(_outcome(dvc(tmp_path, "repro", "--single-item", "one").splitlines()))
    assert said == ["ran", "unchanged", "cached"], (
        "DVC uses words that flows/tasks.py does not know"
    )
    cache = tmp_path / ".dvc/cache"
    entries = [YAML(typ="safe").load(entry) for entry in finished_stages(cache)]
    moved = "DVC's cache is laid out otherwise than flows/store.py reads it"
    assert [entry["cmd"] for entry in entries] == [stage["cmd"]], moved
    (kept,) = folder_content(cache, entries[0]["outs"][0]["md5"]).items()
    assert kept[0] == "a.txt", moved
    assert kept[1].read_text() == "1", moved


@pytest.mark.heavy
def test_tensorflow_lists_gradients_of_traced_steps() -> None:
    from smearflow.model.forgetting import forgetting_gradients, registered_gradients
    from smearflow.model.quiet import tf
    from smearflow.model.training import new_head

    model = new_head(2, Configuration(), seed=1)
    cells = tf.data.Dataset.from_tensors((np.zeros((4, 2)), np.zeros(4, np.int32)))
    before = registered_gradients()
    with forgetting_gradients():
        model.fit(cells, shuffle=False, verbose=0)
        grown = registered_gradients() > before
    told = "TensorFlow keeps gradients of traced steps otherwise: see smearflow/model/forgetting.py"
    assert grown, told
    assert registered_gradients() == before, told


@pytest.mark.heavy
def test_litert_tells_the_operations_of_a_file() -> None:
    from smearflow.conversion.operations import operations
    from smearflow.model.quiet import tf

    weights = tf.ones((3, 2))
    serve = tf.function(
        lambda cell: tf.matmul(cell, weights), input_signature=[tf.TensorSpec((1, 3), tf.float32)]
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([serve.get_concrete_function()])
    (found,) = operations(converter.convert())
    told = "LiteRT tells operations otherwise than smearflow/conversion/operations.py asks for them"
    assert found[:1] + found[2:] == ("FULLY_CONNECTED", 6, 0.0), told
