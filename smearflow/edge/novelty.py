"""Whether an image can be of a cell, by the network's embedding of it and by what it looks like.

A photograph or a page of text gets a probability as a cell does; what the backbone sees in it lies
far from what it sees in cells. What lies near, as several cells in one image do, is told by
examples of what is no cell. Numpy and Pillow alone, because an edge device asks it.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from smearflow.edge.looks import looks_of
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256, write_bytes

FILE = "novelty.npz"

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class UsualEmbeddings:
    """Embeddings of cells as a Gaussian: K directions of their own variance, one for all others.

    The covariance is that of probabilistic principal components (Tipping and Bishop 1999), which
    needs K times the length of an embedding instead of its square.

    Attributes:
        mean: [D].
        axes: orthonormal, [K, D]; half precision is enough.
        variances: along the axes, [K].
        rest: variance along each other direction.
    """

    mean: Floats
    axes: Floats
    variances: Floats
    rest: float

    def distances(self, embeddings: Floats) -> npt.NDArray[np.float64]:
        """Mahalanobis distance of each embedding [n, D] from the mean (Lee et al. 2018); [n]."""
        away = embeddings.astype(np.float64) - self.mean
        along = away @ self.axes.astype(np.float64).T
        across = np.maximum((away**2).sum(axis=1) - (along**2).sum(axis=1), 0.0)
        return np.sqrt((along**2 / self.variances).sum(axis=1) + across / self.rest)


@dataclass(frozen=True)
class Examples:
    """A small network that cells and examples of what is no cell have taught, on `looks_of`.

    Attributes:
        layers: weights [in, out] and biases [out]; rectified but for the last, of one output.
    """

    layers: tuple[tuple[Floats, Floats], ...]

    def log_odds(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """Of being no cell, of each image [n, S, S, 3]; [n]."""
        values = looks_of(pixels).astype(np.float64)
        for weights, bias in self.layers[:-1]:
            values = np.maximum(values @ weights + bias, 0)
        weights, bias = self.layers[-1]
        return (values @ weights + bias)[:, 0]


def write_usual(file: Path, usual: UsualEmbeddings, examples: Examples) -> None:
    """Write both into an .npz file; the same numbers give the same bytes."""
    stream = io.BytesIO()
    arrays: dict[str, Any] = dict(vars(usual))
    for number, (weights, bias) in enumerate(examples.layers):
        arrays |= {f"layer{number}_0": weights, f"layer{number}_1": bias}
    np.savez(stream, **arrays)
    write_bytes(file, stream.getvalue())


@dataclass(frozen=True)
class Novelty:
    """What of an embedding is usual, and the limits beyond which an image is taken for no cell.

    Attributes:
        limit: the largest distance of a cell.
        examples: None: of exports of earlier versions, which have none.
        most_odds: the largest log odds of a cell.
    """

    usual: UsualEmbeddings
    limit: float
    examples: Examples | None = None
    most_odds: float | None = None

    @classmethod
    def of_export(cls, folder: Path, noted: Mapping[str, Any]) -> Self:
        """That of an export.

        Args:
            noted: the key `novelty` of edge.json: file, sha256, limit, most_odds.

        Raises:
            SmearflowError: its file is missing or damaged.
        """
        file = folder / noted["file"]
        if not file.is_file() or file_sha256(file) != noted["sha256"]:
            raise SmearflowError(
                f"{file} is missing or not the file that edge.json names",
                "copy the whole folder again, or run the stage export",
            )
        with np.load(file, allow_pickle=False) as arrays:
            usual = UsualEmbeddings(
                arrays["mean"], arrays["axes"], arrays["variances"], float(arrays["rest"])
            )
            names = sorted(name for name in arrays.files if name.startswith("layer"))
            parts = [arrays[name] for name in names]
        layers = tuple(zip(parts[::2], parts[1::2], strict=True))
        odds = noted.get("most_odds")
        return cls(usual, float(noted["limit"]), Examples(layers) if layers else None, odds)

    def why_unlike(self, pixels: npt.NDArray[np.uint8], embeddings: Floats) -> list[str | None]:
        """Per image why it can't be of a cell, as `plausible.why_no_cell` says it.

        Args:
            pixels: [n, S, S, 3], as the model takes them.
            embeddings: the model's own of them, [n, D].

        Returns:
            None for each that can be.
        """
        far = self.usual.distances(embeddings)
        odds = self.examples.log_odds(pixels) if self.examples else np.full(len(far), -np.inf)
        return [self._why(*one) for one in zip(far, odds, strict=True)]

    def _why(self, far: float, odds: float) -> str | None:
        if far > self.limit:
            return f"unlike the cells learned from: distance {far:.1f}, at most {self.limit:.1f}"
        if self.most_odds is not None and odds > self.most_odds:
            return (
                f"like several cells, glass or no cell at all: log odds {odds:+.1f}, "
                f"at most {self.most_odds:+.1f}"
            )
        return None
