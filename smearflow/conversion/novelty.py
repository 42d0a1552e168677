"""What of an exported model's embeddings is usual, from cells; and the limit of what is a cell."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from smearflow.conversion.convert import even_steps
from smearflow.edge.novelty import FILE, Floats, UsualEmbeddings
from smearflow.edge.runtime import Runner
from smearflow.ground.files import file_sha256, write_bytes
from smearflow.records.edge import NotedNovelty
from smearflow.sides.side import Side

CELLS = 4000  # training cells that the usual is told by
AXES = 48
REFUSED = 0.01  # share of real cells that may lie beyond the limit
CERTAINTY = 0.95  # that no more of further patients' cells do, as far as validation patients tell
DRAWS, SEED = 500, 1
_LEAST = 1e-9  # variance, of embeddings that do not vary


def write_novelty(folder: Path, model: Path, train: Side, validation: Side) -> NotedNovelty:
    """Write the usual embeddings of training cells into `folder`.

    Args:
        model: the file that is to be run.
        validation: cells that set the limit: the network did not learn from them.
    """
    runner = Runner(model)
    some = even_steps(len(train.targets), CELLS)
    usual = usual_embeddings(runner.predict(train.pixels[some])[1])
    distances = usual.distances(runner.predict(validation.pixels)[1])
    write_bytes(folder / FILE, usual.to_bytes())
    limit = limit_of(distances, validation.patients)
    return NotedNovelty(file=FILE, sha256=file_sha256(folder / FILE), limit=limit)


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


def limit_of(distances: Floats, patients: npt.NDArray[np.str_]) -> float:
    """The distance that REFUSED of further patients' cells exceed at most, with CERTAINTY.

    Cells of one patient are alike, so patients are drawn, not cells: the limit is an upper bound of
    the quantile over bootstrap samples of the patients.

    Args:
        distances: [n].
        patients: [n].
    """
    groups = [distances[patients == patient] for patient in np.unique(patients)]
    rng = np.random.default_rng(SEED)
    found = [
        np.quantile(np.concatenate([groups[n] for n in drawn]), 1 - REFUSED)
        for drawn in rng.integers(0, len(groups), (DRAWS, len(groups)))
    ]
    return round(float(np.quantile(found, CERTAINTY)), 3)
