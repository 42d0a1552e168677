"""Malaria parasites of each stage, drawn into a scene."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from smearflow.sample.scene import CELL, DIRT, NUCLEUS, PLASM, Scene
from smearflow.sample.shapes import TURN, outline

Point = tuple[float, float]


@dataclass(frozen=True)
class Parasite:
    """A parasite in a cell.

    Attributes:
        kind: a key of KINDS.
        row: of its middle, pixels from the top of the crop; `column` likewise from the left.
        diameter: pixels.
        strength: how strongly it took the stain; 1 is typical.
        at_rim: whether it lies on the rim of the cell.
    """

    kind: str
    row: float
    column: float
    diameter: float
    strength: float
    at_rim: bool

    def moved(self, down: float, right: float) -> "Parasite":
        """The same parasite in a crop that begins elsewhere."""
        return replace(self, row=self.row + down, column=self.column + right)


def draw_parasite(scene: Scene, rng: np.random.Generator, kind: str) -> Parasite:
    """Put a parasite of a kind somewhere into the cell of a scene."""
    draw, (smallest, largest), rim_share = KINDS[kind]
    at_rim = bool(rng.random() < rim_share)
    size = float(rng.uniform(smallest, largest))
    point = scene.place(rng, 0.86, 0.97) if at_rim else scene.place(rng, 0, 0.95 - size)
    diameter = scene.diameter * size
    strength = float(rng.lognormal(0, 0.2))
    if rng.random() < 0.12:
        strength *= float(rng.uniform(0.35, 0.65))  # hardly stained, or out of focus
    if at_rim:
        _halo(scene, rng, point, diameter)
    draw(scene, rng, point, diameter / 2, strength)
    return Parasite(kind, *point, diameter, strength, at_rim)


def nucleus(
    scene: Scene, rng: np.random.Generator, point: Point, radius: float, strength: float
) -> None:
    """Add a dot of chromatin."""
    spot = scene.spot(point, 2 * radius + 3)
    radii = radius * outline(rng, 0.2, rng.uniform(1, 2))
    spot.layers[NUCLEUS] += strength * spot.disc(radii, softness=0.7 * radius)


def _halo(scene: Scene, rng: np.random.Generator, point: Point, diameter: float) -> None:
    """Thin the cell around a parasite that bulges out of its rim."""
    radius = diameter * rng.uniform(0.5, 0.8)
    spot = scene.spot(point, 1.5 * radius)
    spot.layers[CELL] *= 1 - rng.uniform(0.2, 0.75) * spot.disc(
        radius * outline(rng, 0.2, 1.3), softness=6
    )


def _ring(
    scene: Scene, rng: np.random.Generator, point: Point, radius: float, strength: float
) -> None:
    spot = scene.spot(point, 1.8 * radius)
    radii = radius * outline(rng, 0.2, rng.uniform(1, 1.5), 0.2)
    share = spot.distance / radii[spot.degrees]
    thick = rng.uniform(0, TURN)
    # thicker on one side, open or hardly seen on the other
    uneven = 0.5 + 0.5 * np.cos(np.radians(spot.degrees - thick))
    uneven = rng.uniform(0.05, 0.4) + uneven ** rng.uniform(1, 3)
    width = rng.uniform(0.14, 0.3)
    ring = np.exp(-(((share - 1) / width) ** 2))
    spot.layers[PLASM] += rng.uniform(0.6, 1.1) * strength * uneven * ring
    spot.layers[CELL] *= 1 - rng.uniform(0, 0.45) * np.clip(1.2 - share, 0, 0.6) / 0.6
    first = thick + rng.uniform(90, 270) if rng.random() < 0.6 else thick
    for degrees in (first, first + rng.uniform(25, 180))[: 1 + int(rng.random() < 0.25)]:
        distance = float(radii[int(degrees) % TURN])
        angle = np.radians(degrees)
        dot = (point[0] + distance * np.sin(angle), point[1] + distance * np.cos(angle))
        nucleus(scene, rng, dot, scene.diameter * rng.uniform(0.026, 0.05), strength)


def _trophozoite(
    scene: Scene, rng: np.random.Generator, point: Point, radius: float, strength: float
) -> None:
    spot = scene.spot(point, 2 * radius)
    body = spot.disc(radius * outline(rng, 0.25, rng.uniform(1, 1.9)), softness=radius * 0.6)
    clump = 1 + 0.5 * np.cos(np.radians(spot.degrees - rng.uniform(0, TURN)))
    spot.layers[PLASM] += rng.uniform(0.4, 0.9) * strength * body * clump
    spot.layers[CELL] *= 1 - rng.uniform(0, 0.5) * body
    inner = _beside(rng, point, radius * rng.uniform(0.1, 0.6))
    nucleus(scene, rng, inner, radius * rng.uniform(0.22, 0.42), strength)
    if rng.random() < 0.4:  # a vacuole
        hole = scene.spot(_beside(rng, point, radius * 0.4), radius)
        hole.layers[PLASM] *= 1 - 0.8 * hole.disc(radius * rng.uniform(0.2, 0.45), softness=2)
    if rng.random() < 0.4:  # a grain of pigment
        nearby = scene.spot(_beside(rng, point, radius * 0.3), radius)
        nearby.layers[DIRT] += rng.uniform(0.2, 0.7) * nearby.disc(rng.uniform(1, 2.5))


def _chromatin(
    scene: Scene, rng: np.random.Generator, point: Point, radius: float, strength: float
) -> None:
    """A ring seen from the side or out of its plane: one or two dots, hardly any cytoplasm."""
    dot = scene.diameter * rng.uniform(0.033, 0.06)
    nucleus(scene, rng, point, dot, strength)
    if rng.random() < 0.4:
        nucleus(scene, rng, _beside(rng, point, radius), dot * rng.uniform(0.6, 1), strength)
    spot = scene.spot(point, 2 * radius)
    haze = spot.disc(radius * outline(rng, 0.3, rng.uniform(1, 2.2)), softness=radius)
    spot.layers[PLASM] += rng.uniform(0.1, 0.6) * strength * haze


def _schizont(
    scene: Scene, rng: np.random.Generator, point: Point, radius: float, strength: float
) -> None:
    spot = scene.spot(point, 1.5 * radius)
    body = spot.disc(radius * outline(rng, 0.12, rng.uniform(1, 1.25)), softness=4)
    spot.layers[PLASM] += 0.5 * strength * body
    for _ in range(int(rng.integers(6, 15))):
        dot = _beside(rng, point, radius * np.sqrt(rng.uniform(0.05, 0.8)))
        nucleus(scene, rng, dot, scene.diameter * rng.uniform(0.02, 0.035), strength)
    pigment = scene.spot(point, radius)
    pigment.layers[DIRT] += rng.uniform(0.5, 1) * pigment.disc(scene.diameter * 0.03, softness=3)


def _gametocyte(
    scene: Scene, rng: np.random.Generator, point: Point, radius: float, strength: float
) -> None:
    """A sausage, slightly bent: what is within a width of an arc."""
    bend = rng.uniform(1.2, 2.5) * radius
    turn = rng.uniform(0, TURN)
    angle = np.radians(turn)
    hub = (point[0] - bend * np.sin(angle), point[1] - bend * np.cos(angle))
    spot = scene.spot(hub, bend + radius)
    along = (spot.degrees - turn + TURN / 2) % TURN - TURN / 2
    along = np.radians(along) * bend / radius  # 1 at the ends
    width = 0.38 * radius * np.sqrt(np.clip(1 - along**2, 0, 1))
    body = np.clip((width - np.abs(spot.distance - bend)) / 2 + 0.5, 0, 1) * (np.abs(along) < 1)
    spot.layers[PLASM] += 1.1 * strength * body
    spot.layers[NUCLEUS] += 0.5 * strength * body * np.exp(-((along / 0.3) ** 2))
    spot.layers[DIRT] += 0.3 * body * np.exp(-((along / 0.25) ** 2))


def stipple(scene: Scene, rng: np.random.Generator) -> None:
    """Small pale spots all over the cell, which infected cells often have."""
    strength = rng.uniform(0.15, 0.75)
    for _ in range(int(rng.integers(2, 12))):
        radius = rng.uniform(1.2, 3.2)
        spot = scene.spot(scene.place(rng, 0.1, 0.92), 3 * radius)
        radii = radius * outline(rng, 0.2, rng.uniform(1, 2))
        spot.layers[PLASM] += strength * rng.uniform(0.5, 1.2) * spot.disc(radii, radius)


def _beside(rng: np.random.Generator, point: Point, distance: float) -> Point:
    angle = rng.uniform(0, 2 * np.pi)
    return point[0] + distance * float(np.sin(angle)), point[1] + distance * float(np.cos(angle))


Draw = Callable[[Scene, np.random.Generator, Point, float, float], None]

# per kind: how it is drawn, its diameter relative to the cell's, how often it lies on the rim
KINDS: dict[str, tuple[Draw, tuple[float, float], float]] = {
    "ring": (_ring, (0.17, 0.31), 0.17),
    "trophozoite": (_trophozoite, (0.13, 0.34), 0.2),
    "chromatin": (_chromatin, (0.1, 0.22), 0.4),
    "schizont": (_schizont, (0.4, 0.65), 0.0),
    "gametocyte": (_gametocyte, (0.5, 0.7), 0.0),
}
