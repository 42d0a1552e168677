"""A run is the same in a new process, after other runs, and on known features."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smearflow.engine.jobs import Bench, RunResult
from smearflow.engine.trainer import Trainer
from smearflow.engine.training_data import TrainingData
from smearflow.experiments.job import Fold, Job
from smearflow.model.training import graph_key, learns_from_features, train_once
from smearflow.model.weighting import class_weights
from smearflow.params.model import Configuration
from smearflow.sides.side import Side
from smearflow.sides.tables import write_table
from tests.toy_sides import COIN, INPUT_RANGE, SHARE, SHORT, toy_side, with_rare_positives

TRAIN = toy_side(patients=8)
VALIDATION = toy_side(patients=4, seed=2, prefix="lab/v")


@pytest.fixture(scope="module")
def bench(hub_module: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return make_bench(hub_module, tmp_path_factory.mktemp("bench"))


def make_bench(backbone: Path, root: Path, train: Side = TRAIN, **options: Any) -> Bench:
    for name, side in {"train": train, "validation": VALIDATION}.items():
        np.save(root / f"{name}.npy", side.pixels)
        write_table(side.table, root / f"{name}.parquet")
    (root / "work").mkdir()
    return Bench(root, backbone, INPUT_RANGE, SHARE, root / "work", **options)


RESULT = RunResult(
    status="completed",
    best_epoch=1,
    val_loss=0.2,
    val_accuracy=0.9,
    steps=3,
    curve={},
    guessing=COIN,
    weight_change={},
    histograms={},
)
"""Of a run that nobody did."""


def job(seed: int = 1, **values: Any) -> Job:
    configuration = Configuration.model_validate(SHORT.model_dump() | values)
    return Job(configuration, seed, 1.0, "test")


ADAM = job(dropout=0.3)
SAME_GRAPH = [
    job(seed=2, dropout=0.1, learning_rate=1e-4),
    job(learning_rate=10.0),  # diverges
    job(batch_size=7, stain_jitter=0.3, brightness_jitter=0.3),
    job(epochs=3, augment=False, label_smoothing=0.2),
    job(epochs=3, schedule="cosine", warmup_steps=2),
    job(weight_decay=0.1, gradient_clip=1.0),
    job(weight_decay=0.01, gradient_clip=0.1),
]


@cache
def fresh(bench: Bench, job: Job) -> RunResult:
    """Of a trainer that does nothing else."""
    return Trainer(bench).run(job).result


def test_runs_are_judged_by_so_many_cells_of_each_patient(hub_module: Path, tmp_path: Path) -> None:
    data = TrainingData(make_bench(hub_module, tmp_path, validation_cells=2))
    judged = [len(targets) for _, targets, *_ in data.batches(ADAM)[1]]
    assert sum(judged) == 2 * len(set(VALIDATION.patients)) < len(VALIDATION.targets)


def test_a_run_does_not_depend_on_those_before(bench: Bench) -> None:
    assert len({graph_key(each.configuration) for each in (ADAM, *SAME_GRAPH)}) == 1
    trainer = Trainer(bench)
    expected = fresh(bench, ADAM)
    others = []
    for each in SAME_GRAPH:
        others.append(trainer.run(each).result)
        assert trainer.run(ADAM).result == expected
    assert expected not in others
    assert others == [fresh(bench, each) for each in SAME_GRAPH]


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("trainable", ["all", 1, "frozen"])
def test_every_graph_starts_again(bench: Bench, optimizer: str, trainable: Any) -> None:
    values = {"optimizer": optimizer, "trainable": trainable, "momentum": 0.8}
    one, other = job(**values, learning_rate=0.01), job(seed=3, **values, learning_rate=0.02)
    trainer = Trainer(bench)
    results = [trainer.run(each).result for each in (one, other, one)]
    assert results[0] == results[2] != results[1]


def test_models_are_dropped_and_come_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smearflow.engine.trainer.MODELS_KEPT", 1)
    trainer = Trainer(bench)
    other = job(hidden_units=2)
    assert graph_key(ADAM.configuration) != graph_key(other.configuration)
    results = [trainer.run(each).result for each in (ADAM, other, ADAM)]
    assert results == [fresh(bench, each) for each in (ADAM, other, ADAM)]


def test_a_run_is_what_training_without_the_engine_gives(bench: Bench) -> None:
    run = train_once(
        TRAIN,
        VALIDATION,
        bench.backbone,
        ADAM.configuration,
        seed=1,
        input_range=INPUT_RANGE,
        least_class_share=SHARE,
    )
    assert fresh(bench, ADAM).curve == run.curve


@pytest.mark.parametrize(("augment", "dropout"), [(True, 0.3), (False, 0.0)])
def test_known_features_give_what_the_frozen_backbone_gives(
    bench: Bench, augment: bool, dropout: float
) -> None:
    frozen = job(trainable="frozen", augment=augment, dropout=dropout, epochs=4)
    assert learns_from_features(frozen.configuration)
    run = train_once(
        TRAIN,
        VALIDATION,
        bench.backbone,
        frozen.configuration,
        seed=1,
        input_range=INPUT_RANGE,
        least_class_share=SHARE,
    )
    result = fresh(bench, frozen)
    for name, series in run.curve.items():
        assert result.curve[name] == pytest.approx(series, rel=1e-4)
    head = {name for name in run.weight_change if name.startswith(("hidden", "classifier"))}
    assert set(result.weight_change) == head
    for name, change in result.weight_change.items():
        assert change == pytest.approx(run.weight_change[name], rel=1e-3)
    assert result.best_epoch == run.best_epoch
    assert result.steps == run.steps


@pytest.mark.parametrize("trainable", ["all", "frozen"])
def test_rare_cells_weigh_as_without_the_engine_even_where_a_run_sees_some_cells_only(
    hub_module: Path, tmp_path: Path, trainable: Any
) -> None:
    train = with_rare_positives(TRAIN)
    bench = make_bench(hub_module, tmp_path, train=train)
    some, whole = (
        Job(job(trainable=trainable).configuration, 1, fraction, "test") for fraction in (0.5, 1.0)
    )
    expected = train_once(
        train,
        VALIDATION,
        bench.backbone,
        whole.configuration,
        seed=1,
        input_range=INPUT_RANGE,
        least_class_share=SHARE,
    )
    material = TrainingData(bench)
    assert fresh(bench, whole).curve["loss"] == pytest.approx(expected.curve["loss"], rel=1e-4)
    assert material.guessing(whole) == fresh(bench, whole).guessing == expected.guessing
    weights = class_weights(train.targets, SHARE)
    assert weights is not None
    for each in (some, whole):
        for batches in material.batches(each):
            for _, targets, counted in batches.as_numpy_iterator():
                assert counted == pytest.approx(np.array(weights)[targets])


def test_patients_of_both_sides_judge_in_turn(bench: Bench) -> None:
    data, everyone = TrainingData(bench), {*TRAIN.patients, *VALIDATION.patients}
    judged: list[str] = []
    for number in range(3):
        one = replace(ADAM, fold=Fold(number, 3))
        learn, judges = data.cells(one), data.judges(one)
        assert set(learn.patients) == everyone - set(judges.patients)
        assert set(learn.targets) == set(judges.targets) == {0, 1}
        judged += set(judges.patients)
    assert sorted(judged) == sorted(everyone)
    few = replace(ADAM, fold=Fold(0, 3), train_fraction=0.5)
    assert len(set(data.cells(few).patients)) == 4
    assert len({each.id for each in (ADAM, one, few)}) == 3


@pytest.mark.parametrize("trainable", ["all", "frozen"])
def test_a_run_judged_by_a_fold_is_what_training_without_the_engine_gives(
    bench: Bench, trainable: Any
) -> None:
    one = replace(job(trainable=trainable), fold=Fold(1, 3))
    data = TrainingData(bench)
    run = train_once(
        data.cells(one),
        data.judges(one),
        bench.backbone,
        one.configuration,
        seed=1,
        input_range=INPUT_RANGE,
        least_class_share=SHARE,
    )
    trainer = Trainer(bench)
    trainer.run(job(trainable=trainable))  # features of the validation side are kept, too
    result = trainer.run(one).result
    for name, series in run.curve.items():
        assert result.curve[name] == pytest.approx(series, rel=1e-4)


def test_jitter_and_training_need_the_pixels() -> None:
    assert not learns_from_features(job(trainable="frozen", stain_jitter=0.1).configuration)
    assert not learns_from_features(job(trainable=1).configuration)


def test_jitter_takes_no_model_of_features(bench: Bench) -> None:
    frozen = [job(trainable="frozen"), job(trainable="frozen", brightness_jitter=0.1)]
    trainer = Trainer(bench)
    found = [trainer.run(each).result for each in (*frozen, *frozen)]
    assert found[:2] == found[2:] == [fresh(bench, each) for each in frozen]


def test_features_are_computed_once(hub_module: Path, tmp_path: Path) -> None:
    bench = make_bench(hub_module, tmp_path)
    fresh(bench, job(trainable="frozen"))
    files = {file: file.stat().st_mtime_ns for file in bench.work.glob("features/*.npy")}
    assert len(files) == 2
    fresh(bench, job(seed=5, trainable="frozen", learning_rate=0.01))
    assert {file: file.stat().st_mtime_ns for file in bench.work.glob("features/*.npy")} == files


def test_a_fraction_is_of_the_patients(bench: Bench) -> None:
    half = Job(ADAM.configuration, 1, 0.5, "test")
    assert half.id != ADAM.id
    assert fresh(bench, half).steps == 2 * 2  # 24 cells in batches of 16, twice
    assert fresh(bench, ADAM).steps == 2 * 3
