"""What lies on healthy cells, or happens to them, and can be taken for a parasite."""

from collections.abc import Callable

import numpy as np

from smearflow.sample.parasites import nucleus, stipple
from smearflow.sample.scene import CELL, DIRT, NUCLEUS, PLASM, Scene
from smearflow.sample.shapes import bump, outline


def draw_artefact(scene: Scene, rng: np.random.Generator, kind: str) -> None:
    """Put an artefact of a kind, one of ARTEFACTS, onto the cell of a scene."""
    _DRAW[kind](scene, rng)


def _platelet(scene: Scene, rng: np.random.Generator) -> None:
    """A grainy lilac body with a pale surround."""
    point = scene.place(rng, 0, 1)
    radius = scene.diameter * rng.uniform(0.06, 0.13)
    spot = scene.spot(point, 2.5 * radius)
    radii = radius * outline(rng, 0.2, rng.uniform(1, 1.5), 0.3)
    spot.layers[CELL] *= 1 - rng.uniform(0.1, 0.5) * spot.disc(radii * 1.35, softness=4)
    body = spot.disc(radii, softness=radius * 0.6)
    grain = 1 + 0.35 * rng.standard_normal(body.shape, np.float32)
    spot.layers[PLASM] += rng.uniform(0.5, 1.1) * body * grain
    spot.layers[NUCLEUS] += rng.uniform(0, 0.3) * body * grain


def _dirt(scene: Scene, rng: np.random.Generator) -> None:
    """Crumbs of stain precipitate: sharp, irregular, of no parasite's colour."""
    point = scene.place(rng, 0, 0.95)
    for _ in range(int(rng.integers(1, 5))):
        radius = scene.diameter * rng.uniform(0.012, 0.04)
        near = (point[0] + rng.normal(0, 6), point[1] + rng.normal(0, 6))
        spot = scene.spot(near, 3 * radius + 2)
        crumb = spot.disc(radius * outline(rng, 0.35, rng.uniform(1, 2)), softness=2)
        spot.layers[DIRT] += rng.uniform(0.4, 1.3) * crumb
        spot.layers[NUCLEUS] += rng.uniform(0, 0.5) * crumb


def _howell_jolly(scene: Scene, rng: np.random.Generator) -> None:
    """A rest of the cell's own nucleus: one round dot without a ring."""
    radius = scene.diameter * rng.uniform(0.02, 0.04)
    nucleus(scene, rng, scene.place(rng, 0.2, 0.85), radius, rng.uniform(0.4, 1.0))


def _fold(scene: Scene, rng: np.random.Generator) -> None:
    """A dark line along a part of the rim."""
    spot = scene.whole
    share = spot.distance / scene.radii[spot.degrees]
    towards = scene.away + rng.uniform(90, 270)
    line = np.exp(-(((share - rng.uniform(0.6, 0.93)) / rng.uniform(0.02, 0.06)) ** 2))
    line *= bump(towards, rng.uniform(12, 40))[spot.degrees]
    spot.layers[CELL] += rng.uniform(0.4, 1.2) * line
    spot.layers[PLASM] += rng.uniform(0, 0.5) * line


def _bubble(scene: Scene, rng: np.random.Generator) -> None:
    """A drop that refracts: bright inside, with a dark edge."""
    radius = scene.diameter * rng.uniform(0.03, 0.12)
    spot = scene.spot(scene.place(rng, 0, 0.85), 2 * radius + 4)
    share = spot.distance / (radius * outline(rng, 0.08, rng.uniform(1, 1.3)))[spot.degrees]
    spot.layers[CELL] *= 1 - rng.uniform(0.1, 0.7) * np.clip(1.1 - share, 0, 0.5) / 0.5
    edge = np.exp(-(((share - 1.05) / rng.uniform(0.15, 0.35)) ** 2))
    spot.layers[CELL] += rng.uniform(0.05, 0.4) * edge
    spot.layers[PLASM] += rng.uniform(0, 0.35) * edge


def _smudge(scene: Scene, rng: np.random.Generator) -> None:
    """Stain that was not washed off, without an edge."""
    radius = scene.diameter * rng.uniform(0.06, 0.2)
    spot = scene.spot(scene.place(rng, 0, 0.95), 2.5 * radius)
    radii = radius * outline(rng, 0.3, rng.uniform(1, 2.2))
    spot.layers[PLASM] += rng.uniform(0.15, 0.5) * spot.disc(radii, softness=1.4 * radius)


_DRAW: dict[str, Callable[[Scene, np.random.Generator], None]] = {
    "platelet": _platelet,
    "dirt": _dirt,
    "howell_jolly": _howell_jolly,
    "fold": _fold,
    "bubble": _bubble,
    "smudge": _smudge,
    "stipple": stipple,
}
ARTEFACTS = tuple(_DRAW)
