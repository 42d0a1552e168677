"""What is in a SavedModel, read without running any of it: a SavedModel is a program.

TensorFlow runs whatever operations a graph names, and some read, write or remove files, or call
Python. So what is allowed is a list, as data, and everything else is refused by name. The few
operations that save and restore variables write files too: they are allowed where the saver alone
reaches them, which nothing here calls; TensorFlow restores variables by itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from smearflow.ground.errors import SmearflowError, first_line
from smearflow.model.fetching import MOST_BYTES, MOST_FILES, NAME_ONE
from smearflow.model.operations import HARMLESS, SAVING

# Of the objects that TensorFlow makes when it loads: none that holds a file or runs by itself.
_OBJECTS = frozenset(
    (
        *("bare_concrete_function", "captured_tensor", "constant", "function", "user_object"),
        "variable",
    )
)


def audit_module(folder: Path) -> None:
    """Refuse a SavedModel that could do more than compute; nothing of it is run.

    Raises:
        SmearflowError: it is too large, no SavedModel of TensorFlow 2, or holds operations or
            objects that are on no list; names them.
    """
    _check_size(folder)
    graph = _read(folder)
    savers = _saver_functions(graph)
    unknown = {
        name
        for function, operations in _bodies(graph)
        for name in operations - HARMLESS - (SAVING if function in savers else set())
    }
    if unknown:
        raise _refusal(folder, "operations", unknown)
    kinds = {node.WhichOneof("kind") or "empty" for node in graph.object_graph_def.nodes}
    if strange := kinds - _OBJECTS:
        raise _refusal(folder, "objects", strange)


def _refusal(folder: Path, what: str, names: Iterable[str]) -> SmearflowError:
    return SmearflowError(
        f"backbone {folder} is not loaded: {what} that no feature extractor of images needs: "
        f"{', '.join(sorted(names))}",
        "choose another module; smearflow/model/operations.py lists what is known to be harmless",
    )


def _check_size(folder: Path) -> None:
    sizes = [file.stat().st_size for file in folder.rglob("*") if file.is_file()]
    if sum(sizes) > MOST_BYTES or len(sizes) > MOST_FILES:
        limit = f"{MOST_BYTES} bytes or {MOST_FILES} files"
        raise SmearflowError(f"backbone {folder} is larger than {limit}", NAME_ONE)


def _read(folder: Path) -> Any:
    """The one graph of a SavedModel, with the objects of TensorFlow 2."""
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    saved = SavedModel()
    try:
        saved.ParseFromString((folder / "saved_model.pb").read_bytes())
    except (DecodeError, OSError) as error:
        problem = f"backbone {folder} cannot be loaded: {first_line(error).rstrip('.')}"
        raise SmearflowError(problem, NAME_ONE) from error
    if len(saved.meta_graphs) != 1 or not saved.meta_graphs[0].object_graph_def.nodes:
        # of TensorFlow 1: what initialises it runs as soon as it is loaded
        raise SmearflowError(f"backbone {folder} is no SavedModel of TensorFlow 2", NAME_ONE)
    return saved.meta_graphs[0]


def _bodies(graph: Any) -> Iterator[tuple[str, set[str]]]:
    """Names of functions, "" for the graph itself, and the operations of each."""
    yield "", {node.op for node in graph.graph_def.node}
    for function in graph.graph_def.library.function:
        yield function.signature.name, {node.op for node in function.node_def}


def _saver_functions(graph: Any) -> set[str]:
    """The functions that the saver calls, and nobody else."""
    ends = {graph.saver_def.save_tensor_name.partition(":")[0], graph.saver_def.restore_op_name}
    library, objects = graph.graph_def.library, graph.object_graph_def
    own = {name for node in graph.graph_def.node if node.name in ends for name in _called(node)}
    others = [node for node in graph.graph_def.node if node.name not in ends]
    others += [node for each in library.function for node in each.node_def]
    reached = {name for node in others for name in _called(node)}
    # what the loaded object offers or calls itself, and what gradients call
    reached.update(objects.concrete_functions)
    for node in objects.nodes:
        reached.update(node.function.concrete_functions)
        reached.add(node.bare_concrete_function.concrete_function_name)
    gradients = (*library.gradient, *library.registered_gradients)
    return own - reached - {each.gradient_func for each in gradients}


def _called(node: Any) -> Iterator[str]:
    """The functions that an operation is given."""
    attributes: Mapping[str, Any] = node.attr
    for value in attributes.values():
        yield from (each.name for each in (value.func, *value.list.func) if each.name)
