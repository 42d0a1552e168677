"""What runs learn from: the cells of a bench and, of a frozen backbone, their features."""

from functools import lru_cache

from smearflow.engine.features import Features, cached_features
from smearflow.engine.jobs import Bench
from smearflow.experiments.job import Job
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
from smearflow.sides.side import Side, cells_of_each, load_side, patient_fraction


class TrainingData:
    """The sides of a bench, of which the training cells used last stay in memory.

    Attributes:
        bench: where they lie.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._validation = _validation(bench)
        everyone = load_side(bench.split, "train").targets
        self._weights = class_weights(everyone, bench.least_class_share)
        self._cells = lru_cache(maxsize=1)(self._read_cells)

    def cells(self, job: Job) -> Side:
        """The training cells of a run."""
        return self._cells(job.train_fraction, job.salt)

    def features(self, job: Job) -> Features:
        """Features [symmetries, n, D] of the training cells, from the frozen backbone."""
        symmetries = range(SYMMETRIES if job.configuration.augment else 1)
        name = fingerprint([job.train_fraction, job.salt, len(symmetries)])[:12]
        return self._features(f"train-{name}", self.cells(job), symmetries)

    def batches(self, job: Job) -> tuple[tf.data.Dataset, tf.data.Dataset]:
        """Batches of all epochs of a run in a row, and those it is validated on.

        Of features where they tell all that the run sees: the same, apart from rounding.
        """
        configuration, train, weights = job.configuration, self.cells(job), self._weights
        if not learns_from_features(configuration):
            batches = training_batches(train, configuration, job.seed, weights)
            return batches, evaluation_batches(self._validation, weights)
        features = self.features(job)
        known = self._features("validation", self._validation, range(1))
        return (
            training_features(features, train.targets, configuration, job.seed, weights),
            evaluation_features(known[0], self._validation, weights),
        )

    def guessing(self, job: Job) -> Guessing:
        """The losses that are worth nothing to a run."""
        validation = self._validation
        return Guessing(
            guessing(self.cells(job).targets, self._weights),
            guessing(validation.targets, self._weights, validation.patients),
        )

    def _read_cells(self, fraction: float, salt: str) -> Side:
        side = load_side(self.bench.split, "train")
        return side if fraction == 1 else side.take(patient_fraction(side, fraction, salt))

    def _features(self, name: str, side: Side, symmetries: range) -> Features:
        return cached_features(
            self.bench.work / "features" / f"{name}.npy",
            side.pixels,
            self.bench.backbone,
            self.bench.input_range,
            symmetries,
        )


def _validation(bench: Bench) -> Side:
    side, most = load_side(bench.split, "validation"), bench.validation_cells
    return side if most is None else side.take(cells_of_each(side, most))
