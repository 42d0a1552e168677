"""What a SavedModel may hold: computing, and nothing that reads, writes or calls."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from smearflow.ground.errors import SmearflowError
from smearflow.model import audit
from smearflow.model.audit import audit_module
from smearflow.model.backbone import HubBackbone
from smearflow.model.operations import HARMLESS, SAVING
from smearflow.trained.store import load_model
from tests.material import PROJECT


def evil(run: Callable[[tf.Tensor], tf.Tensor], folder: Path) -> Path:
    """A module whose computation does something else, too."""

    class Module(tf.train.Checkpoint):
        def __init__(self) -> None:
            super().__init__()
            self.kernel = tf.Variable(1.0)
            self.variables = self.trainable_variables = [self.kernel]

        @tf.function(
            input_signature=[tf.TensorSpec((None, None, None, 3)), tf.TensorSpec((), bool)]
        )
        def __call__(self, pixels: Any, training: Any = False) -> Any:
            del training
            return tf.reduce_mean(run(pixels), axis=(1, 2)) * self.kernel

    tf.saved_model.save(Module(), str(folder))
    return folder


def changed(module: Path, target: Path, change: Callable[[Any], object]) -> Path:
    """A copy of a module with another graph."""
    shutil.copytree(module, target)
    saved = SavedModel.FromString((module / "saved_model.pb").read_bytes())
    change(saved)
    (target / "saved_model.pb").write_bytes(saved.SerializeToString())
    return target


def writing(pixels: tf.Tensor) -> tf.Tensor:
    with tf.control_dependencies([tf.io.write_file("owned", "by the module")]):
        return tf.identity(pixels)


def reading(pixels: tf.Tensor) -> tf.Tensor:
    return pixels + tf.cast(tf.strings.length(tf.io.read_file("/etc/passwd")), tf.float32)


def calling(pixels: tf.Tensor) -> tf.Tensor:
    return tf.ensure_shape(tf.py_function(lambda x: x, [pixels], tf.float32), pixels.shape)


def printing(pixels: tf.Tensor) -> tf.Tensor:
    with tf.control_dependencies([tf.print("owned", output_stream="file://owned")]):
        return tf.identity(pixels)


def saving(pixels: tf.Tensor) -> tf.Tensor:
    with tf.control_dependencies(
        [
            tf.raw_ops.SaveV2(
                prefix="owned", tensor_names=["x"], shape_and_slices=[""], tensors=[pixels]
            )
        ]
    ):
        return tf.identity(pixels)


@pytest.mark.parametrize(
    ("run", "operations"),
    [
        (writing, ["WriteFile"]),
        (reading, ["ReadFile", "StringLength"]),
        (calling, ["EagerPyFunc"]),
        (printing, ["PrintV2", "StringFormat"]),
        (saving, ["SaveV2"]),
    ],
)
def test_what_does_more_than_compute_is_refused_by_name(
    run: Callable[[tf.Tensor], tf.Tensor],
    operations: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    module = evil(run, tmp_path / "module")
    with pytest.raises(SmearflowError, match=f": {', '.join(operations)};"):
        HubBackbone(module)
    assert [path.name for path in tmp_path.iterdir()] == ["module"]


def test_the_savers_operations_are_for_the_saver_alone(hub_module: Path, tmp_path: Path) -> None:
    """A graph whose object offers the function that saves, or whose other functions call it."""
    graph = SavedModel.FromString((hub_module / "saved_model.pb").read_bytes()).meta_graphs[0]
    (saver,) = audit._saver_functions(graph) - {
        each.signature.name
        for each in graph.graph_def.library.function
        if "SaveV2" not in {node.op for node in each.node_def}
    }

    def offer(saved: Any) -> None:
        saved.meta_graphs[0].object_graph_def.concrete_functions[saver].SetInParent()

    def call(saved: Any) -> None:
        node = saved.meta_graphs[0].graph_def.node.add(name="other", op="PartitionedCall")
        node.attr["f"].func.name = saver

    def as_a_gradient(saved: Any) -> None:
        saved.meta_graphs[0].graph_def.library.registered_gradients.add(gradient_func=saver)

    for number, change in enumerate((offer, call, as_a_gradient)):
        with pytest.raises(SmearflowError, match="SaveV2"):
            audit_module(changed(hub_module, tmp_path / str(number), change))


def test_objects_that_bring_files_are_refused(hub_module: Path, tmp_path: Path) -> None:
    def asset(saved: Any) -> None:
        saved.meta_graphs[0].object_graph_def.nodes.add().asset.asset_file_def_index = 0

    with pytest.raises(SmearflowError, match=r"objects .*: asset;"):
        audit_module(changed(hub_module, tmp_path / "module", asset))


@pytest.mark.parametrize(
    "change",
    [
        lambda saved: saved.meta_graphs[0].ClearField("object_graph_def"),
        lambda saved: saved.meta_graphs.add(),
    ],
)
def test_what_is_no_saved_model_of_today_is_refused(
    change: Callable[[Any], object], hub_module: Path, tmp_path: Path
) -> None:
    with pytest.raises(SmearflowError, match="no SavedModel of TensorFlow 2"):
        HubBackbone(changed(hub_module, tmp_path / "module", change))


def test_a_folder_beyond_the_limits_is_refused(
    hub_module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST_BYTES", 10)
    with pytest.raises(SmearflowError, match="larger than 10 bytes"):
        audit_module(hub_module)


def test_modules_that_are_in_use_pass(hub_module: Path) -> None:
    audit_module(hub_module)
    audit_module(PROJECT / "backbones/mobilenet_v3_small_cells")


def test_the_real_module_passes(real_module: Path) -> None:
    audit_module(real_module)


def test_the_list_names_operations_that_exist_and_none_that_touches_files() -> None:
    known = set(dir(tf.raw_ops))
    assert known >= HARMLESS | SAVING
    touching = (
        "File",
        "Py",
        "Print",
        "Dataset",
        "Table",
        "Remote",
        "Save",
        "Restore",
        "Checkpoint",
    )
    assert not [name for name in HARMLESS if any(part in name for part in touching)]


def test_the_backbone_of_a_model_is_audited_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that came from elsewhere, whose files fit together, is loaded like any backbone."""
    from smearflow.ground.files import write_json
    from smearflow.model.hub import module_hash
    from smearflow.params.model import Configuration

    monkeypatch.chdir(tmp_path)
    evil(writing, tmp_path / "model/backbone")
    description = {
        "backbone_sha256": module_hash(tmp_path / "model/backbone"),
        "classes": ["no", "yes"],
        "configuration": Configuration().model_dump(mode="json"),
        "image_size": 32,
        "input_range": [0.0, 1.0],
    }
    write_json(tmp_path / "model/model.json", description)
    with pytest.raises(SmearflowError, match="WriteFile"):
        load_model(tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
