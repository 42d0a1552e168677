"""A crop of the smear as layers of matter, before light goes through it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from smearflow.sample.shapes import polar

CELL, NUCLEUS, PLASM, DIRT = range(4)


@dataclass(frozen=True)
class Spot:
    """A window of a scene around a point; what is written to it is written to the scene.

    Attributes:
        layers: float32 [4, h, w].
        distance: from the point in pixels, float32 [h, w].
        degrees: direction from the point, int [h, w].
    """

    layers: np.ndarray
    distance: np.ndarray
    degrees: np.ndarray

    def disc(self, radii: np.ndarray | float, softness: float = 1.0) -> np.ndarray:
        """1 inside an outline around the point, 0 outside, with an edge some pixels soft."""
        edge = radii[self.degrees] if isinstance(radii, np.ndarray) else radii
        return np.clip((edge - self.distance) / softness + 0.5, 0, 1)


@dataclass(frozen=True)
class Scene:
    """A cell and its surroundings.

    Attributes:
        layers: amounts of CELL, NUCLEUS, PLASM and DIRT; 1 is typical; float32 [4, h, w].
        middle: row and column of the cell's middle.
        radii: distance of the cell's outline from its middle, pixels, [TURN].
        away: a direction in degrees in which nothing may be put, because the crop is cut there.
    """

    layers: np.ndarray
    middle: tuple[float, float]
    radii: np.ndarray
    away: float

    @property
    def diameter(self) -> float:
        """Mean diameter of the cell, pixels."""
        return 2 * float(self.radii.mean())

    @cached_property
    def whole(self) -> Spot:
        """All of it, seen from the cell's middle."""
        return self.spot(self.middle, sum(self.layers.shape))

    def place(self, rng: np.random.Generator, least: float, most: float) -> tuple[float, float]:
        """A random point of the cell.

        Args:
            least: distance from the middle relative to the outline; `most` likewise.

        Returns:
            Row and column.
        """
        degrees = self.away + rng.uniform(70, 290)
        share = np.sqrt(rng.uniform(least**2, most**2))
        return self.at(degrees, share)

    def at(self, degrees: float, share: float) -> tuple[float, float]:
        """The point in a direction at a share of the way from the middle to the outline."""
        distance = share * float(self.radii[int(degrees) % len(self.radii)])
        angle = np.radians(degrees)
        return (
            self.middle[0] + distance * float(np.sin(angle)),
            self.middle[1] + distance * float(np.cos(angle)),
        )

    def spot(self, point: tuple[float, float], reach: float) -> Spot:
        """The window within some pixels of a point, as far as it is in the scene."""
        spans = []
        for centre, length in zip(point, self.layers.shape[1:], strict=True):
            first = min(max(int(centre - reach), 0), length - 1)
            last = min(max(int(centre + reach) + 2, first + 1), length)
            spans.append(slice(first, last))
        rows, columns = (
            np.arange(span.start, span.stop) - centre
            for span, centre in zip(spans, point, strict=True)
        )
        return Spot(self.layers[:, spans[0], spans[1]], *polar(rows, columns))
