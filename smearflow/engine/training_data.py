"""What runs learn from: the cells of a bench and, of a frozen backbone, their features."""

from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from smearflow.engine.features import Features, cached_features
from smearflow.engine.folds import Indices, patient_folds
from smearflow.engine.jobs import Bench
from smearflow.experiments.job import Fold, Job
from smearflow.ground.settings import fingerprint
from smearflow.model.batches import (
    SYMMETRIES,
    evaluation_batches,
    evaluation_features,
    training_batches,
    training_features,
)
from smearflow.model.quiet import tf
from smearflow.model.training import learns_from_features
from smearflow.model.weighting import Guessing, class_weights, guessing
from smearflow.sides.side import Side, cells_of_each, load_side, patient_fraction, taken

_SIDES = ("train", "validation")
_SEED = 1  # of the folds


def deal(split: Path, folds: int) -> list[Indices]:
    """Deal the patients that no test needs, of the sides train and validation, into folds.

    Returns:
        Of each fold its cells, as places in those of both sides in a row, ascending.

    Raises:
        SmearflowError: a class has too few patients.
    """
    sides = [load_side(split, side) for side in _SIDES]
    people = np.concatenate([side.people for side in sides])
    targets = np.concatenate([side.targets for side in sides])
    return patient_folds(people, targets, folds, _SEED, "tune.finalist_seeds")


class TrainingData:
    """The sides of a bench, of which the cells used last stay in memory.

    Attributes:
        bench: where they lie.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._sides = [load_side(bench.split, side) for side in _SIDES]
        self._table = pd.concat([side.table for side in self._sides], ignore_index=True)
        self._weights = class_weights(self._sides[0].targets, bench.least_class_share)
        self._cells = lru_cache(maxsize=1)(self._read_cells)
        self._judges = lru_cache(maxsize=1)(self._read_judges)
        self._folds = lru_cache(maxsize=1)(partial(deal, bench.split))

    def cells(self, job: Job) -> Side:
        """The training cells of a run."""
        return self._cells(job.train_fraction, job.salt, job.fold)

    def judges(self, job: Job) -> Side:
        """The cells that a run is judged by after each epoch."""
        return self._judges(job.fold)

    def features(self, job: Job) -> Features:
        """Features [symmetries, n, D] of the training cells, from the frozen backbone."""
        symmetries = range(SYMMETRIES if job.configuration.augment else 1)
        name = fingerprint([job.train_fraction, job.salt, len(symmetries)])[:12]
        return self._features(f"train-{name}", job.fold, self.cells(job), symmetries)

    def batches(self, job: Job) -> tuple[tf.data.Dataset, tf.data.Dataset]:
        """Batches of all epochs of a run in a row, and those it is validated on.

        Of features where they tell all that the run sees: the same, apart from rounding.
        """
        configuration, train, weights = job.configuration, self.cells(job), self._weights
        judges = self.judges(job)
        if not learns_from_features(configuration):
            batches = training_batches(train, configuration, job.seed, weights)
            return batches, evaluation_batches(judges, weights)
        features = self.features(job)
        known = self._features("validation", job.fold, judges, range(1))
        return (
            training_features(features, train.targets, configuration, job.seed, weights),
            evaluation_features(known[0], judges, weights),
        )

    def guessing(self, job: Job) -> Guessing:
        """The losses that are worth nothing to a run."""
        judges = self.judges(job)
        return Guessing(
            guessing(self.cells(job).targets, self._weights),
            guessing(judges.targets, self._weights, judges.patients),
        )

    def _read_cells(self, fraction: float, salt: str, fold: Fold | None) -> Side:
        learn, _ = self._places(fold)
        chosen = patient_fraction(self._table.iloc[learn], fraction, salt)
        return taken(self._sides, learn[chosen])

    def _read_judges(self, fold: Fold | None) -> Side:
        _, judge = self._places(fold)
        most = self.bench.validation_cells
        if most is not None:
            judge = judge[cells_of_each(self._table.iloc[judge], most)]
        return taken(self._sides, judge)

    def _places(self, fold: Fold | None) -> tuple[Indices, Indices]:
        """Where in both sides in a row the cells are that may be learned from, and the judges'."""
        everywhere = np.arange(len(self._table))
        if fold is None:
            learn, judge = np.split(everywhere, [len(self._sides[0].table)])
            return learn, judge
        judge = self._folds(fold.of)[fold.number]
        return np.setdiff1d(everywhere, judge), judge

    def _features(self, name: str, fold: Fold | None, side: Side, symmetries: range) -> Features:
        dealt = "" if fold is None else f"-{fold.number}-{fold.of}"
        return cached_features(
            self.bench.work / "features" / f"{name}{dealt}.npy",
            side.pixels,
            self.bench.backbone,
            self.bench.input_range,
            symmetries,
        )
