"""A model fed in another way than it was exported for does not load."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from smearflow.conversion.convert import FLOAT32, to_float32
from smearflow.conversion.wrong_feeds import (
    ON_WHITE,
    PIXELS,
    RANGES,
    SWAPPED,
    TURNED,
    Feed,
    candidates,
    unseen,
    write_self_test,
)
from smearflow.edge import runtime
from smearflow.edge.contract import RANGE, describe_input, feed
from smearflow.edge.predict import main
from smearflow.edge.runtime import EdgeModel, Runner
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256, write_json
from smearflow.images.decode import decode, resize
from smearflow.records.edge import SelfTest
from tests.bad_input.cases import OTHER_INPUT, SELF_TEST_CELL
from tests.bad_input.lab import readable
from tests.stages.project import tree

SIZE = 24
FEED = Feed(SIZE, stain_normalised=False)
Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """An export of a model that looks at every pixel, with a self-test; and its edge.json."""
    import tensorflow as tf

    cells = np.stack([resize(image, SIZE) for image in candidates()]).astype(np.float32)
    weights = np.random.default_rng(1).normal(size=(SIZE, SIZE, 3)).astype(np.float32)
    sums = (cells * weights).sum(axis=(1, 2, 3))
    middle, spread = np.float32(np.median(sums)), np.float32(sums.std())

    @tf.function(input_signature=[tf.TensorSpec((1, SIZE, SIZE, 3), tf.float32)])
    def serve(pixels: Any) -> Any:
        logit = (tf.reduce_sum(pixels * weights) - middle) / spread
        both = tf.reshape(tf.stack([-logit, logit]), (1, 2))
        return tf.nn.softmax(both), both

    folder = tmp_path_factory.mktemp("export")
    (folder / FLOAT32).write_bytes(to_float32(serve))
    edge = {
        "chosen": FLOAT32,
        "classes": ["Uninfected", "Parasitized"],
        "image_size": SIZE,
        "input": describe_input(SIZE),
        "models": {FLOAT32: {"sha256": file_sha256(folder / FLOAT32)}},
        "self_test": write_self_test(folder, [FLOAT32], FLOAT32, FEED).model_dump(mode="json"),
        "threshold": 0.5,
    }
    write_json(folder / "edge.json", edge)
    return folder, edge


@pytest.fixture
def export(described: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(described[0], tmp_path / "export"))


def test_the_right_feed_passes(export: Path) -> None:
    model, cells = EdgeModel(export), json.loads((export / "edge.json").read_text())["self_test"]
    for cell in cells["cells"]:
        found = model.probability((export / cell["file"]).read_bytes())
        assert found == pytest.approx(cell["probability"][FLOAT32], abs=1e-6)


def test_every_usual_mistake_is_shown(described: tuple[Path, dict[str, Any]]) -> None:
    test = SelfTest.model_validate(described[1]["self_test"])
    assert set(test.differences[FLOAT32]) == {*PIXELS, *RANGES, SWAPPED}
    assert unseen(test, FLOAT32) == []
    test = test.model_copy(update={"tolerance": {FLOAT32: 10.0}})
    assert set(unseen(test, FLOAT32)) == {*PIXELS, *RANGES, SWAPPED}


def _resized_by(mistake: Callable[[Image.Image, int], Any]) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(
        runtime, "pixels_of", lambda data, size: mistake(decode(data)[0], size)
    )


def _decoded_by(mistake: Callable[[Image.Image], Image.Image]) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(
        runtime,
        "pixels_of",
        lambda data, size: resize(mistake(Image.open(io.BytesIO(data))).convert("RGB"), size),
    )


def _over_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA"))


def _values_in(black: float, white: float) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(
        runtime, "feed", lambda pixels, _: feed(pixels, (black, white))
    )


def _swapped(patch: Patch) -> None:
    predict = Runner.predict

    def other(self: Runner, pixels: Any) -> Any:
        probabilities, embeddings = predict(self, pixels)
        return 1 - probabilities, embeddings

    patch.setattr(Runner, "predict", other)


MISTAKES: dict[str, Callable[[Patch], None]] = {
    **{name: _resized_by(mistake) for name, mistake in PIXELS.items()},
    **{name: _values_in(*values) for name, values in RANGES.items()},
    ON_WHITE: _decoded_by(_over_white),
    "transparency dropped": _decoded_by(lambda image: image),
    TURNED: _decoded_by(lambda image: ImageOps.exif_transpose(image) or image),
    SWAPPED: _swapped,
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_feed_does_not_load(name: str, export: Path, monkeypatch: Patch) -> None:
    EdgeModel(export)
    MISTAKES[name](monkeypatch)
    with pytest.raises(SmearflowError, match=r"fails \d of \d+ cells of its self-test, first: "):
        EdgeModel(export)


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_bytes(b"no image")])
def test_a_damaged_cell_is_named(damage: Callable[[Path], Any], export: Path) -> None:
    damage(export / "self_test/2.png")
    with pytest.raises(SystemExit) as ended:
        main([str(export / "self_test"), "--model", str(export)])
    assert tuple(readable(str(ended.value), export=export)) == SELF_TEST_CELL.messages


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("interpolation", "nearest", OTHER_INPUT.messages[0].removeprefix("error: ")),
        ("shape", [1, 30, 30, 3], r"shape \[1, 30, 30, 3\]"),
        ("channels", "BGR", "channels BGR"),
    ],
)
def test_an_input_that_is_not_fed_here(
    key: str, value: object, complaint: str, export: Path
) -> None:
    edge = json.loads((export / "edge.json").read_text())
    edge["input"][key] = value
    write_json(export / "edge.json", edge)
    with pytest.raises(SmearflowError, match=complaint):
        EdgeModel(export)


def test_the_range_is_followed(export: Path) -> None:
    edge = json.loads((export / "edge.json").read_text())
    edge["input"]["range"] = [0, 1]
    write_json(export / "edge.json", edge)
    with pytest.raises(SmearflowError, match="self-test"):
        EdgeModel(export)
    levels = np.arange(256, dtype=np.uint8)
    assert feed(levels, RANGE).tolist() == levels.tolist()
    assert feed(levels, (-1.0, 1.0)) == pytest.approx(levels / 127.5 - 1, abs=1e-6)
    assert feed(levels, RANGE).dtype == np.float32


@pytest.mark.parametrize("spoilt", ["chosen", "input", "self_test"])
def test_a_description_without_what_it_needs_is_damaged(spoilt: str, export: Path) -> None:
    edge = json.loads((export / "edge.json").read_text())
    edge[spoilt] = {}
    write_json(export / "edge.json", edge)
    with pytest.raises(SmearflowError, match=r"edge\.json is damaged: "):
        EdgeModel(export)


def test_an_export_of_an_earlier_version_runs_without_a_self_test(
    export: Path, monkeypatch: Patch
) -> None:
    edge = json.loads((export / "edge.json").read_text())
    kept = ("chosen", "classes", "image_size", "models", "threshold")
    write_json(export / "edge.json", {name: edge[name] for name in kept})
    shutil.rmtree(export / "self_test")
    cell = resize(candidates()[0], SIZE)[None]
    expected = EdgeModel(export).predict(cell)[0]
    MISTAKES[SWAPPED](monkeypatch)
    assert EdgeModel(export).predict(cell)[0] == 1 - expected


def test_the_same_cells_are_written_again(
    described: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, edge = described
    shutil.copy(folder / FLOAT32, tmp_path)
    again = write_self_test(tmp_path, [FLOAT32], FLOAT32, FEED)
    assert again == SelfTest.model_validate(edge["self_test"])
    assert tree(tmp_path / "self_test") == tree(folder / "self_test")
