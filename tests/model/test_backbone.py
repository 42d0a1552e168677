import http.server
import io
import shutil
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_hub as hub

from smearflow.ground.errors import SmearflowError
from smearflow.model import fetching
from smearflow.model.backbone import HubBackbone, backbone_of, resolve_backbone
from smearflow.model.hub import CACHE, copy_module, module_hash
from smearflow.params.model import Backbone
from tests.material import write_hub_module


def pack(module: Path, archive: Path, inside: str = ".") -> Path:
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(module, inside)
    return archive


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        del format, args

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.split("?")[0])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the URL at which it is served."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def test_folder_archive_and_url_give_the_same_module(
    hub_module: Path, tmp_path: Path, server: tuple[Path, str]
) -> None:
    pack(hub_module, server[0] / "module.tar.gz")
    handles = [
        str(hub_module),
        str(pack(hub_module, tmp_path / "flat.tar.gz")),
        str(pack(hub_module, tmp_path / "nested.tar.gz", "some/folder")),
        f"{server[1]}/module.tar.gz",
    ]
    folders = [resolve_backbone(handle, None, tmp_path / "cache") for handle in handles]
    assert {module_hash(folder) for folder in folders} == {module_hash(hub_module)}
    shutil.rmtree(server[0])
    assert resolve_backbone(handles[-1], module_hash(hub_module), tmp_path / "cache").is_dir()


def test_an_archive_whose_unpacking_was_killed(
    hub_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, cache = pack(hub_module, tmp_path / "flat.tar.gz"), tmp_path / "cache"

    def kill(_tar: tarfile.TarFile, _member: tarfile.TarInfo, path: Path, **_: object) -> None:
        (path / "half").write_text("")
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(tarfile.TarFile, "extract", kill)
        patched.setattr(shutil, "rmtree", lambda *_, **__: None)  # a kill tidies nothing up
        with pytest.raises(SystemExit):
            resolve_backbone(str(archive), None, cache)
    (folder,) = {resolve_backbone(str(archive), None, cache), *cache.iterdir()}
    assert module_hash(folder) == module_hash(hub_module)
    assert not (folder / "half").exists()


def test_stray_files_do_not_count_and_are_not_copied(hub_module: Path, tmp_path: Path) -> None:
    folder = tmp_path / "module"
    shutil.copytree(hub_module, folder)
    (folder / "README.txt").write_text("stray")
    assert module_hash(folder) == module_hash(hub_module)
    copy_module(folder, tmp_path / "copy")
    assert module_hash(tmp_path / "copy") == module_hash(hub_module)
    assert not (tmp_path / "copy" / "README.txt").exists()


def test_hash_covers_names_and_contents(hub_module: Path, tmp_path: Path) -> None:
    folder = tmp_path / "module"
    shutil.copytree(hub_module, folder)
    (folder / "variables" / "variables.index").write_bytes(b"other")
    changed = module_hash(folder)
    (folder / "variables" / "variables.index").rename(folder / "variables" / "other")
    assert len({changed, module_hash(folder), module_hash(hub_module)}) == 3


def test_wrong_handles_are_named_with_a_way_out(hub_module: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.tar.gz").write_bytes(b"no archive")
    escaping = tmp_path / "escaping.tar.gz"
    with tarfile.open(escaping, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../outside"), io.BytesIO())
    for handle, message in [
        (tmp_path / "missing", "does not exist"),
        (tmp_path / "empty", "no saved_model.pb"),
        (tmp_path / "broken.tar.gz", "cannot be unpacked"),
        (escaping, "cannot be unpacked"),
        ("http://127.0.0.1:9/module.tar.gz", "cannot be fetched"),
        ("gone://module", "cannot be fetched"),
    ]:
        with pytest.raises(SmearflowError, match=message) as caught:
            resolve_backbone(str(handle), None, tmp_path / "cache")
        assert "BACKBONE=" in caught.value.action
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "outside").exists()
    with pytest.raises(SmearflowError, match="has the hash"):
        resolve_backbone(str(hub_module), "0" * 64, tmp_path / "cache")


def test_what_the_network_gives_is_pinned_or_taken_on_trust(
    hub_module: Path, tmp_path: Path, server: tuple[Path, str]
) -> None:
    pack(hub_module, server[0] / "module.tar.gz")
    url, pin = f"{server[1]}/module.tar.gz", module_hash(hub_module)

    def found(**settings: Any) -> Path:
        return backbone_of(Backbone(backbone=url, input_range=(0, 1), **settings), tmp_path, {})

    with pytest.raises(SmearflowError, match="nothing pins") as caught:
        found()
    assert "backbone_sha256" in caught.value.action
    assert "trust_unpinned" in caught.value.action
    assert not (tmp_path / CACHE).exists()
    assert module_hash(found(trust_unpinned=True)) == module_hash(found(backbone_sha256=pin)) == pin
    with pytest.raises(SmearflowError, match="has the hash"):
        found(backbone_sha256="0" * 64, trust_unpinned=True)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (tarfile.REGTYPE, "../outside"),
        (tarfile.SYMTYPE, "saved_model.pb"),
        (tarfile.LNKTYPE, "saved_model.pb"),
        (tarfile.CHRTYPE, "saved_model.pb"),
        (tarfile.FIFOTYPE, "saved_model.pb"),
    ],
)
def test_an_archive_that_leads_elsewhere_is_refused(kind: bytes, name: str, tmp_path: Path) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "module.tar", "w") as tar:
        tar.addfile(member)
    with pytest.raises(SmearflowError):
        resolve_backbone(str(tmp_path / "module.tar"), None, tmp_path / "cache")
    assert {path.name for path in tmp_path.rglob("*")} == {"module.tar", "cache"}


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_FILES"])
def test_a_bomb_is_refused_before_it_is_written(
    limit: str, hub_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = pack(hub_module, tmp_path / "module.tar.gz")
    monkeypatch.setattr(fetching, limit, 2)
    with pytest.raises(SmearflowError, match="is larger than"):
        resolve_backbone(str(archive), None, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_server_that_never_ends_is_left(
    hub_module: Path,
    tmp_path: Path,
    server: tuple[Path, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pack(hub_module, server[0] / "module.tar.gz")
    monkeypatch.setattr(fetching, "MOST_BYTES", 2)
    with pytest.raises(SmearflowError, match="is larger than 2 bytes"):
        resolve_backbone(f"{server[1]}/module.tar.gz", None, tmp_path / "cache")


def test_a_saved_model_without_the_interface_is_refused(tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(SmearflowError, match="no reusable SavedModel"):
        HubBackbone(tmp_path)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"channels": 1}, r"takes no RGB images of 32 x 32 pixels; choose .* split.image_size"),
        ({"pooled": False}, r"makes no vector .* \(shape \(None, 8, 8, 16\)\); choose"),
    ],
)
def test_a_module_of_another_shape_is_refused(
    wrong: dict[str, Any], message: str, tmp_path: Path
) -> None:
    layer = HubBackbone(write_hub_module(tmp_path, **wrong))
    with pytest.raises(SmearflowError, match=message) as caught:
        layer.features(keras.Input((32, 32, 3)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("part", ["saved_model.pb", "variables/*.index", "variables/*.data-*"])
def test_a_damaged_module_is_refused(part: str, hub_module: Path, tmp_path: Path) -> None:
    (file,) = shutil.copytree(hub_module, tmp_path / "module").glob(part)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(SmearflowError, match="cannot be loaded: ") as caught:
        HubBackbone(tmp_path / "module")
    assert "\n" not in str(caught.value)


def pixels(size: int = 32) -> tf.Tensor:
    return tf.constant(np.random.default_rng(1).random((2, size, size, 3), np.float32))


def test_layer_computes_what_the_module_computes(hub_module: Path) -> None:
    layer = HubBackbone(hub_module)
    expected = hub.load(str(hub_module))(pixels(), training=False)
    assert (layer(pixels()).numpy() == expected.numpy()).all()


def test_weights_are_the_variables_the_module_reads(hub_module: Path) -> None:
    layer = HubBackbone(hub_module)
    before = layer(pixels()).numpy()
    layer.weights[0].assign(layer.weights[0] * 2.0)
    assert (layer(pixels()).numpy() != before).any()


@pytest.mark.parametrize(
    ("fine_tuning", "trained"),
    [
        ("all", ["first_kernel", "second_kernel", "second_bias"]),
        ("frozen", []),
        (1, ["second_kernel", "second_bias"]),
        (2, ["first_kernel", "second_kernel", "second_bias"]),
    ],
)
def test_fine_tuning_picks_whole_layers_from_the_end(
    hub_module: Path, fine_tuning: str | int, trained: list[str]
) -> None:
    layer = HubBackbone(hub_module, fine_tuning)  # type: ignore[arg-type]
    assert sorted(weight.name for weight in layer.trainable_weights) == sorted(trained)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(pixels()))
    gradients = tape.gradient(loss, [weight.value for weight in layer.trainable_weights])
    assert all(np.abs(gradient).sum() > 0 for gradient in gradients)


def test_more_layers_than_there_are_is_an_error(hub_module: Path) -> None:
    with pytest.raises(SmearflowError, match="has 2 layers"):
        HubBackbone(hub_module, 3)


def test_real_module(real_module: Path) -> None:
    layer = HubBackbone(real_module, 3)
    assert {weight.name for weight in layer.trainable_weights} == {
        "expanded_conv_10_project_bn_gamma",
        "expanded_conv_10_project_bn_beta",
        "conv_1_kernel",
        "conv_1_bn_gamma",
        "conv_1_bn_beta",
    }
    assert len(layer.weights) == 206
    assert len(HubBackbone(real_module).trainable_weights) == 138
    with tf.GradientTape() as tape:
        features = layer(pixels(96), training=True)
        loss = tf.reduce_sum(features)
    assert features.shape == (2, 576)
    assert np.allclose(layer(pixels(96), training=False), features, atol=1e-5)
    gradients = tape.gradient(loss, [weight.value for weight in layer.trainable_weights])
    assert all(np.abs(gradient).sum() > 0 for gradient in gradients)
