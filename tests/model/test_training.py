import gc
import hashlib
import math
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import (
    EventAccumulator,
)

from smearflow.model.callbacks import EpochLines, TensorBoardLog
from smearflow.model.fit import FitResult, fit_blindly
from smearflow.model.network import build_model, landmarks
from smearflow.model.training import new_model, predict, train_once
from smearflow.params.model import Configuration
from smearflow.sides.side import Side
from tests.material import PROJECT
from tests.toy_sides import INPUT_RANGE, SHARE, SHORT, SIZE, toy_side

TRAIN = toy_side(patients=10)
VALIDATION = toy_side(patients=4, seed=2, prefix="lab/v")


def train(
    backbone: Path,
    configuration: Configuration = SHORT,
    *,
    side: Side = TRAIN,
    validation: Side = VALIDATION,
    **options: Any,
) -> FitResult:
    usual = {"seed": 1, "input_range": INPUT_RANGE, "least_class_share": SHARE}
    arguments: dict[str, Any] = usual | options
    return train_once(side, validation, backbone, configuration, **arguments)


def changed(**values: Any) -> Configuration:
    return Configuration.model_validate(SHORT.model_dump() | values)


def finite(series: Sequence[float | None]) -> list[float]:
    return [value for value in series if value is not None]


def same(one: FitResult, two: FitResult) -> bool:
    return one.curve == two.curve and weights_hash(one) == weights_hash(two)


def weights_hash(result: FitResult) -> str:
    content = b"".join(weight.tobytes() for weight in result.model.get_weights())
    return hashlib.sha256(content).hexdigest()


ALONE = """
import sys
from pathlib import Path
from tests.model.test_training import changed, train, weights_hash
print(weights_hash(train(Path(sys.argv[1]), changed(dropout=0.3))))
"""


def test_a_run_is_the_same_first_later_and_in_another_process(hub_module: Path) -> None:
    configuration = changed(dropout=0.3)  # its random numbers are state too
    first = train(hub_module, configuration)
    other = train(hub_module, configuration, seed=2)
    again = train(hub_module, configuration)
    assert same(first, again)
    assert not same(first, other)
    alone = subprocess.run(
        [sys.executable, "-c", ALONE, str(hub_module)],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert alone.stdout == weights_hash(first) + "\n"


def test_each_epoch_is_told(hub_module: Path) -> None:
    told: list[tuple[str, float, float | None]] = []
    curve = train(hub_module, callbacks=[EpochLines(lambda *epoch: told.append(epoch))]).curve
    lines, seconds, losses = zip(*told, strict=True)
    assert len(lines) == len(curve["loss"])
    assert lines[0].startswith(f"loss {curve['loss'][0]:.4f}, val_loss ")
    assert min(seconds) > 0
    assert list(losses) == curve["val_loss"]


def test_training_learns_and_keeps_its_best_epoch(hub_module: Path) -> None:
    result = train(hub_module, changed(epochs=8, learning_rate=0.01))
    assert result.status == "completed"
    assert result.val_accuracy is not None
    assert result.val_accuracy > 0.8
    assert result.best_epoch is not None
    assert result.val_loss == min(loss for loss in result.curve["val_loss"] if loss is not None)
    assert result.curve["val_loss"][result.best_epoch - 1] == result.val_loss
    loss, accuracy = result.model.evaluate(VALIDATION.pixels, VALIDATION.targets, verbose=0)
    assert loss == pytest.approx(result.val_loss, rel=1e-5)
    assert accuracy == pytest.approx(result.val_accuracy)
    probabilities, _ = predict(result.model, VALIDATION.pixels)
    hits = (probabilities > 0.5) == VALIDATION.targets
    assert hits.mean() == pytest.approx(accuracy)
    assert all(result.weight_change.values())
    assert result.steps == 4 * len(result.curve["loss"])


def test_early_stopping_goes_back_to_the_best_weights(hub_module: Path) -> None:
    hopeless = Side(VALIDATION.pixels, VALIDATION.table.assign(target=1 - VALIDATION.targets))
    configuration = changed(epochs=20, early_stopping_patience=2, learning_rate=0.01)
    result = train(hub_module, configuration, validation=hopeless)
    assert result.best_epoch is not None
    assert len(result.curve["loss"]) == result.best_epoch + 2 < 20
    loss, _ = result.model.evaluate(hopeless.pixels, hopeless.targets, verbose=0)
    assert loss == pytest.approx(result.val_loss, rel=1e-5)


def test_learning_rate_falls_on_a_plateau(hub_module: Path) -> None:
    configuration = changed(epochs=4, learning_rate=1e-9, plateau_patience=1, plateau_factor=0.5)
    rates = train(hub_module, configuration).curve["learning_rate"]
    assert rates[0] == pytest.approx(1e-9)
    assert rates[-1] is not None
    assert rates[-1] < 0.6e-9


def test_a_cosine_trains_all_epochs_and_keeps_the_last(hub_module: Path) -> None:
    hopeless = Side(VALIDATION.pixels, VALIDATION.table.assign(target=1 - VALIDATION.targets))
    configuration = changed(epochs=6, early_stopping_patience=1, schedule="cosine", warmup_steps=4)
    result = train(hub_module, configuration, validation=hopeless)
    assert result.best_epoch == len(result.curve["loss"]) == 6
    losses = finite(result.curve["val_loss"])
    assert result.val_loss == losses[-1] != min(losses)
    loss, _ = result.model.evaluate(hopeless.pixels, hopeless.targets, verbose=0)
    assert loss == pytest.approx(result.val_loss, rel=1e-5)
    rates = finite(result.curve["learning_rate"])
    assert rates[0] == pytest.approx(SHORT.learning_rate)  # at the end of the warm-up
    assert all(one > other for one, other in pairwise(rates))


def test_a_cosine_that_diverged_kept_nothing(hub_module: Path) -> None:
    wild = changed(optimizer="sgd", learning_rate=10.0, epochs=20, schedule="cosine")
    result = train(hub_module, wild)
    assert (result.status, result.best_epoch, result.val_loss) == ("diverged", None, None)


def test_a_warm_up_leaves_the_rate_to_the_plateau(hub_module: Path) -> None:
    values = {"plateau_patience": 1, "plateau_factor": 0.5, "warmup_steps": 2}
    run = train(hub_module, changed(epochs=4, learning_rate=1e-9, **values))
    rates = finite(run.curve["learning_rate"])
    assert rates[0] == pytest.approx(1e-9)
    assert rates[-1] < 0.6e-9


def test_training_stops_where_it_diverged(hub_module: Path) -> None:
    wild = changed(optimizer="sgd", learning_rate=10.0, epochs=20, early_stopping_patience=20)
    result = train(hub_module, wild)
    assert result.status == "diverged"
    assert result.steps < 20 * 4
    assert len({len(series) for series in result.curve.values()}) == 1


def test_training_stops_at_the_first_loss_that_is_not_finite(hub_module: Path) -> None:
    wild = changed(optimizer="sgd", learning_rate=10.0, batch_size=1)
    result = train(hub_module, wild)
    assert result.status == "diverged"
    assert result.steps < 60  # of the first epoch
    assert result.best_epoch is result.val_loss is None
    assert result.curve == {name: [None] for name in result.curve}


def test_frozen_backbone_stays_as_it_was(hub_module: Path) -> None:
    change = train(hub_module, changed(trainable="frozen")).weight_change
    assert change["first kernel"] == change["last kernel"] == change["last bias"] == 0
    assert change["hidden kernel"]
    assert change["hidden bias"]


def test_gradients_are_measured_and_clipped(hub_module: Path) -> None:
    steep = {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.0}
    free = train(hub_module, changed(**steep))
    clipped = train(hub_module, changed(**steep, gradient_clip=1e-4))
    loose = train(hub_module, changed(**steep, gradient_clip=1e4))
    assert all(norm > 0.01 for norm in free.curve["gradient_norm"] if norm is not None)
    assert loose.curve == free.curve
    # eight steps of length 0.1 x 0.0001 at most
    before = build_model(hub_module, SIZE, INPUT_RANGE, SHORT, seed=1).get_weights()
    moved = zip(before, clipped.model.get_weights(), strict=True)
    assert 0 < sum(float(((a - b) ** 2).sum()) for a, b in moved) ** 0.5 < 8.1e-5


def test_smoothing_tempers_predictions_and_leaves_the_reported_loss_alone(
    hub_module: Path,
) -> None:
    still = {"learning_rate": 1e-12}
    plain, smooth = (train(hub_module, changed(**still, label_smoothing=s)) for s in (0.0, 0.5))
    assert smooth.curve["loss"] == pytest.approx(plain.curve["loss"], rel=1e-6)
    learning = {"learning_rate": 0.01, "epochs": 8}
    spread = [
        np.abs(predict(train(hub_module, changed(**learning, **more)).model, TRAIN.pixels)[0] - 0.5)
        for more in ({}, {"label_smoothing": 0.5})
    ]
    assert spread[1].mean() < 0.8 * spread[0].mean()


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_weight_decay_shrinks_kernels(hub_module: Path, optimizer: str) -> None:
    still = {"optimizer": optimizer, "learning_rate": 1e-3, "gradient_clip": 1e-12, "momentum": 0.0}
    result = train(hub_module, changed(**still, weight_decay=1.0))
    for name in ("first kernel", "hidden kernel"):  # eight times a thousandth is taken away
        assert result.weight_change[name] == pytest.approx(1 - 0.999**8, rel=1e-3)


def test_histograms_count_every_weight_before_training_and_after_each_epoch(
    hub_module: Path,
) -> None:
    result = train(hub_module)
    assert set(result.histograms) == set(result.weight_change)
    for name, histograms in result.histograms.items():
        assert len(histograms) == 1 + len(result.curve["loss"])
        assert {sum(each.counts) for each in histograms} == {
            landmarks(result.model)[name].numpy().size
        }


def test_a_run_leaves_no_graph_behind(hub_module: Path) -> None:
    def graphs() -> int:
        gc.collect()
        return sum(type(thing).__name__ == "FuncGraph" for thing in gc.get_objects())

    train(hub_module)
    before = graphs()
    train(hub_module)
    assert graphs() == before


def test_tensorboard_gets_scalars_and_histograms(hub_module: Path, tmp_path: Path) -> None:
    train(hub_module, callbacks=[TensorBoardLog(tmp_path / "logs")])
    events = EventAccumulator(str(tmp_path / "logs")).Reload()
    tags = set(events.Tags()["tensors"])
    assert {"loss", "val_loss", "accuracy", "val_accuracy", "learning_rate"} <= tags
    histograms = {f"{name}/kernel" for name in ("first", "last", "hidden", "classifier")}
    assert histograms | {"last/bias", "hidden/bias", "gradient_norm"} <= tags
    assert [event.step for event in events.Tensors("first/kernel")] == [0, 1, 2]


def test_blind_training_ends_with_a_learning_rate_of_nothing(hub_module: Path) -> None:
    model = new_model(SIZE, hub_module, SHORT, seed=1, input_range=INPUT_RANGE)
    before = model.get_weights()
    fit_blindly(model, TRAIN, SHORT, seed=1, weights=None)
    last = SHORT.learning_rate * 0.5 * (1 + math.cos(math.pi * 7 / 8))
    assert float(model.optimizer.learning_rate) == pytest.approx(last)
    assert int(model.optimizer.iterations) == 8
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


def test_predictions_do_not_depend_on_the_company(hub_module: Path) -> None:
    model = build_model(hub_module, SIZE, INPUT_RANGE, SHORT, seed=1)
    pixels = np.concatenate([TRAIN.pixels, TRAIN.pixels])  # 120: a full batch and a part
    probabilities, embeddings = predict(model, pixels)
    assert probabilities.shape == (120,)
    assert embeddings.shape == (120, 16)
    assert (probabilities[:60] == probabilities[60:]).all()
    alone, embedding = predict(model, pixels[7:8])
    assert alone[0] == probabilities[7]
    assert (embedding[0] == embeddings[7]).all()
    assert np.allclose(probabilities, model.predict(pixels, verbose=0)[:, 1], atol=1e-6)
    nothing = predict(model, pixels[:0])
    assert nothing[0].shape == (0,)
    assert nothing[1].shape == (0, 16)


def test_real_module_trains_on_cells(real_module: Path) -> None:
    configuration = Configuration(epochs=1, batch_size=16)
    result = train(real_module, configuration)
    assert isinstance(result.model, keras.Model)
    assert result.status == "completed"
    assert all(result.weight_change.values())
