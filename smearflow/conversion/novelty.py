"""What of an exported model's embeddings is usual, from cells and no cells; and what is a cell."""

import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from smearflow.conversion.no_cells import Pixels, no_cells
from smearflow.edge.looks import looks_of
from smearflow.edge.novelty import FILE, Examples, Floats, UsualEmbeddings, write_usual
from smearflow.edge.runtime import Runner
from smearflow.ground.files import file_sha256
from smearflow.model.batches import paint_ground
from smearflow.records.edge import NotedNovelty
from smearflow.sides.side import Side, even_steps

CELLS = 4000  # training cells that the usual is told by
HIDDEN, PENALTY, PASSES = (64, 32), 0.1, 60  # of the network that tells no cells from cells
AXES = 48
FAR, LIKE_NONE = 0.001, 0.009  # shares of real cells that each of the two limits may refuse
CERTAINTY = 0.95  # that no more of further patients' cells do, as far as validation patients tell
DRAWS, SEED = 500, 1
_LEAST = 1e-9  # variance, of embeddings that do not vary


def write_novelty(folder: Path, model: Path, train: Side, validation: Side) -> NotedNovelty:
    """Write the usual embeddings of training cells, and what tells no cells, into `folder`.

    Args:
        model: the file that is to be run.
        validation: cells that set the limits: the network did not learn from them.
    """
    runner = Runner(model)
    learned = train.take(even_steps(len(train.targets), CELLS))
    usual = usual_embeddings(runner.predict(learned.pixels)[1])
    cells = np.concatenate([learned.pixels, _on_light_ground(learned.pixels)])
    others = no_cells(learned.pixels, learned.patients.tolist(), len(cells), SEED)
    examples = examples_of(looks_of(cells), looks_of(others))
    write_usual(folder / FILE, usual, examples)
    asked = validation.pixels
    distances, odds = usual.distances(runner.predict(asked)[1]), examples.log_odds(asked)
    return NotedNovelty(
        file=FILE,
        sha256=file_sha256(folder / FILE),
        limit=limit_of(distances, validation.patients, FAR),
        most_odds=limit_of(odds, validation.patients, LIKE_NONE),
    )


def examples_of(cells: Floats, others: Floats) -> Examples:
    """Teach a small network to tell what cells look like [n, F] from what no cells do [m, F].

    It stops when a tenth of both, kept aside, is told no better any more.
    """
    every = np.concatenate([cells, others]).astype(np.float64)
    mean, scale = every.mean(axis=0), every.std(axis=0) + _LEAST
    network = MLPClassifier(
        HIDDEN, alpha=PENALTY, early_stopping=True, random_state=SEED, max_iter=PASSES
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # that PASSES were enough is no aim
        network.fit((every - mean) / scale, np.repeat([0, 1], [len(cells), len(others)]))
    (first, *weights), (bias, *biases) = network.coefs_, network.intercepts_
    scaled = (first / scale[:, np.newaxis], bias - (mean / scale) @ first)
    layers = (scaled, *zip(weights, biases, strict=True))
    return Examples(tuple((own.astype(np.float32), by.astype(np.float32)) for own, by in layers))


def _on_light_ground(pixels: Pixels) -> Pixels:
    """Half of them: as cells of other laboratories lie, beside others."""
    painted: Pixels = paint_ground(pixels[::2], 1.0, np.array([SEED, 0], np.int32)).numpy()
    return painted


def usual_embeddings(embeddings: Floats, axes: int = AXES) -> UsualEmbeddings:
    """Fit the Gaussian to embeddings [n, D].

    Args:
        axes: directions with a variance of their own; of few or short embeddings it has fewer.
    """
    mean = embeddings.mean(axis=0, dtype=np.float64)
    away = embeddings - mean
    found, directions = np.linalg.eigh(away.T @ away / len(away))  # ascending
    found = np.maximum(found, _LEAST)
    kept = min(axes, len(mean) // 2, len(away) // 2)
    return UsualEmbeddings(
        mean=mean.astype(np.float32),
        axes=directions[:, len(mean) - kept :].T.astype(np.float16),
        variances=found[len(mean) - kept :].astype(np.float32),
        rest=float(found[: len(mean) - kept].mean()),
    )


def limit_of(values: Floats, patients: npt.NDArray[np.str_], refused: float) -> float:
    """The value that a share of further patients' cells exceeds at most, with CERTAINTY.

    Cells of one patient are alike, so patients are drawn, not cells: the limit is an upper bound of
    the quantile over bootstrap samples of the patients.

    Args:
        values: [n].
        patients: [n].
        refused: the share.
    """
    groups = [values[patients == patient] for patient in np.unique(patients)]
    rng = np.random.default_rng(SEED)
    found = [
        np.quantile(np.concatenate([groups[n] for n in drawn]), 1 - refused)
        for drawn in rng.integers(0, len(groups), (DRAWS, len(groups)))
    ]
    return round(float(np.quantile(found, CERTAINTY)), 3)
