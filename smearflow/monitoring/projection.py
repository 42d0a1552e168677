"""The embeddings of the reference cells, in few directions."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

COMPONENTS = 32  # of the embedding
LEAST_VARIANCE = 1e-6  # of a component, as a share of the first one's; below is rounding

Floats = npt.NDArray[np.float64]
Embeddings = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Projection:
    """Principal components of the reference cells' embeddings, each of unit variance there.

    Unit variance, because another laboratory's cells are told from other patients' by what hardly
    varies in the reference: without it they stayed within half of the limit, with it and 32
    components they were at 2.6 times the limit or more.

    Attributes:
        mean: [D].
        components: [k, D], orthogonal rows, by falling variance before scaling.
    """

    mean: Floats
    components: Floats

    @classmethod
    def fit(cls, embeddings: Embeddings) -> Self:
        """Components of embeddings [n, D]; the largest weight of each is positive."""
        mean = embeddings.mean(axis=0, dtype=np.float64)
        covariance = np.atleast_2d(np.cov(embeddings.astype(np.float64), rowvar=False))
        variances, vectors = np.linalg.eigh(covariance)
        kept = np.flatnonzero(variances > LEAST_VARIANCE * variances.max())[::-1][:COMPONENTS]
        components = vectors.T[kept]
        largest = np.abs(components).argmax(axis=1)
        scale = np.sign(components[np.arange(len(kept)), largest]) / np.sqrt(variances[kept])
        return cls(mean, components * scale[:, np.newaxis])

    def apply(self, embeddings: Embeddings) -> Floats:
        """Embeddings [n, D] in the components, [n, k]."""
        return np.asarray((embeddings - self.mean) @ self.components.T)
