"""What the cells of a rare class count in the loss, wherever a network is trained."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.model.batches import (
    evaluation_batches,
    evaluation_features,
    training_batches,
    training_features,
)
from smearflow.model.fit import FitResult
from smearflow.model.training import predict
from smearflow.model.weighting import cell_weights, class_weights, guessing
from tests.model.test_training import TRAIN, VALIDATION, changed, same, train
from tests.toy_sides import with_rare_positives

RARE = with_rare_positives(TRAIN)  # 4 of 34 cells
RARE_HELD_OUT = with_rare_positives(VALIDATION, 4)  # 3 of 15
STILL = changed(learning_rate=1e-12, label_smoothing=0.1, augment=False)

classes = st.lists(st.integers(0, 1), min_size=1, max_size=60)


@given(classes, st.floats(0.01, 0.5))
def test_a_rarer_class_counts_as_the_share_and_a_cell_as_one_on_average(
    labels: list[int], least: float
) -> None:
    targets = np.array(labels, np.int8)
    positive = float(targets.mean())
    found = class_weights(targets, least)
    if not 0 < min(positive, 1 - positive) < least:
        assert found is None
        return
    assert found is not None
    counted = np.array(found)[targets]
    assert counted.mean() == pytest.approx(1)
    rare = int(positive < 0.5)
    assert counted[targets == rare].sum() / counted.sum() == pytest.approx(least)


def test_none_weigh_where_it_is_so_asked() -> None:
    assert class_weights(RARE.targets, 0.0) is None


@given(classes, st.data())
def test_each_patient_counts_the_same(labels: list[int], data: st.DataObject) -> None:
    targets = np.array(labels, np.int8)
    names = st.lists(st.sampled_from("abcde"), min_size=len(labels), max_size=len(labels))
    patients = np.array(data.draw(names))
    found = cell_weights(targets, None, patients)
    counted = np.ones(len(labels)) if found is None else found
    shares = pd.Series(counted).groupby(patients).sum()
    assert shares.to_numpy() == pytest.approx(len(labels) / len(shares))
    losses = np.linspace(0, 1, len(labels))
    over_patients = pd.Series(losses).groupby(patients).mean().mean()
    assert (counted * losses).mean() == pytest.approx(over_patients)


@pytest.mark.parametrize("weights", [None, (0.9, 1.8)])
@pytest.mark.parametrize("labels", [[0, 1], [0, 0, 0, 1], [1, 1, 1, 1, 0], [1, 1]])
def test_no_constant_answer_has_a_lower_loss_than_guessing(
    labels: list[int], weights: tuple[float, float] | None
) -> None:
    targets = np.array(labels, np.int8)
    counted = np.array(weights or (1, 1))[targets]
    answers = np.linspace(1e-9, 1 - 1e-9, 4001)[:, None]
    losses = -(counted * np.log(np.where(targets == 1, answers, 1 - answers))).mean(axis=1)
    assert guessing(targets, weights) == pytest.approx(losses.min(), abs=1e-6)


def test_of_two_equal_classes_guessing_is_a_coin() -> None:
    assert guessing(TRAIN.targets, None) == math.log(2)


def test_batches_bring_the_weights_of_their_cells() -> None:
    weights = (0.5, 4.0)
    features = TRAIN.pixels[..., 0].reshape(1, len(TRAIN.targets), -1).astype(np.float32)
    configuration = changed(augment=False)
    for batches in (
        training_batches(TRAIN, configuration, 1, weights),
        evaluation_batches(TRAIN, weights),
        training_features(features, TRAIN.targets, configuration, 1, weights),
        evaluation_features(features[0], TRAIN, weights),
    ):
        for _, targets, counted in batches.as_numpy_iterator():
            assert counted.tolist() == [weights[target] for target in targets]


def loss_of(result: FitResult, side: str) -> float:
    """The loss of a training that leaves the network as it was."""
    loss = result.curve[side][0]
    assert loss is not None
    return loss


def test_both_losses_are_weighted_by_the_training_cells(hub_module: Path) -> None:
    result = train(hub_module, STILL, side=RARE, validation=RARE_HELD_OUT)
    weights = class_weights(RARE.targets, 0.2)
    assert weights is not None
    for name, side in (("loss", RARE), ("val_loss", RARE_HELD_OUT)):
        positive = predict(result.model, side.pixels)[0]
        right = np.where(side.targets == 1, positive, 1 - positive)
        losses = -np.array(weights)[side.targets] * np.log(right)
        if name == "val_loss":  # of unequal patients
            losses = pd.Series(losses).groupby(side.patients).mean()
        expected = losses.mean()
        assert loss_of(result, name) == pytest.approx(expected, rel=1e-5)
    accuracy = (
        (predict(result.model, RARE_HELD_OUT.pixels)[0] > 0.5) == RARE_HELD_OUT.targets
    ).mean()
    assert result.val_accuracy == pytest.approx(accuracy)
    assert result.guessing.train == pytest.approx(guessing(RARE.targets, weights))
    held_out = guessing(RARE_HELD_OUT.targets, weights, RARE_HELD_OUT.patients)
    assert result.guessing.validation == pytest.approx(held_out)


def test_weights_raise_what_is_said_of_the_rare_class(hub_module: Path) -> None:
    learning = changed(epochs=6, early_stopping_patience=6)
    told = {
        share: predict(
            train(hub_module, learning, side=RARE, least_class_share=share).model, TRAIN.pixels
        )[0].mean()
        for share in (0.0, 0.2, 0.5)
    }
    assert told[0.0] < told[0.2] < told[0.5]


def test_where_no_class_is_rarer_nothing_changes(hub_module: Path) -> None:
    without = train(hub_module, side=RARE, least_class_share=0.0)
    below = train(hub_module, side=RARE, least_class_share=0.1)  # 4 of 34 are more
    above = train(hub_module, side=RARE, least_class_share=0.2)
    assert same(without, below)
    assert not same(without, above)
