"""Whether a network has learned from anything like an image, by the distance of its embedding.

A photograph or a page of text gets a probability as a cell does; what the backbone sees in it lies
far from what it sees in cells. Numpy alone, because an edge device asks it.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256

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

    def to_bytes(self) -> bytes:
        """As an .npz file; the same numbers give the same bytes."""
        stream = io.BytesIO()
        np.savez(stream, mean=self.mean, axes=self.axes, variances=self.variances, rest=self.rest)
        return stream.getvalue()

    @classmethod
    def read(cls, file: Path) -> Self:
        """What `to_bytes` gave, as a file."""
        with np.load(file, allow_pickle=False) as arrays:
            return cls(arrays["mean"], arrays["axes"], arrays["variances"], float(arrays["rest"]))


@dataclass(frozen=True)
class Novelty:
    """Usual embeddings, and the distance beyond which an image is taken for no cell."""

    usual: UsualEmbeddings
    limit: float

    @classmethod
    def of_export(cls, folder: Path, noted: Mapping[str, Any]) -> Self:
        """That of an export.

        Args:
            noted: the key `novelty` of edge.json: file, sha256, limit.

        Raises:
            SmearflowError: its file is missing or damaged.
        """
        file = folder / noted["file"]
        if not file.is_file() or file_sha256(file) != noted["sha256"]:
            raise SmearflowError(
                f"{file} is missing or not the file that edge.json names",
                "copy the whole folder again, or run the stage export",
            )
        return cls(UsualEmbeddings.read(file), float(noted["limit"]))

    def why_unlike(self, embeddings: Floats) -> list[str | None]:
        """Per embedding [n, D] why its image can't be a cell, as `plausible.why_no_cell` says it.

        Returns:
            None for each that can be.
        """
        return [
            f"unlike the cells learned from: distance {far:.1f}, at most {self.limit:.1f}"
            if far > self.limit
            else None
            for far in self.usual.distances(embeddings)
        ]
