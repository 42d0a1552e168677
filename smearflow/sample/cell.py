"""One rendered cell: a scene of matter, light through it, a camera, a segmentation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy.ndimage import gaussian_filter, label

from smearflow.sample.artefacts import draw_artefact
from smearflow.sample.parasites import Parasite, draw_parasite, stipple
from smearflow.sample.patients import Field, Kind, Patient, random_field, random_patient
from smearflow.sample.scene import CELL, NUCLEUS, PLASM, Scene
from smearflow.sample.shapes import TURN, bump, corners, outline, texture

Choice = TypeVar("Choice")

CELLS_PER_FIELD = 8

# How often an infected cell holds what, how often how many, and how often a healthy cell shows
# what: chosen so that a linear probe on ImageNet features, on unseen patients, finds the sample
# about as hard as real cells (0.92 and 0.93).
_STAGES = {
    "ring": 0.49,
    "trophozoite": 0.26,
    "chromatin": 0.22,
    "schizont": 0.015,
    "gametocyte": 0.015,
}
_NUMBERS = {1: 0.74, 2: 0.2, 3: 0.06}
_ON_HEALTHY = {
    None: 0.77,
    "smudge": 0.06,
    "stipple": 0.06,
    "dirt": 0.035,
    "platelet": 0.02,
    "howell_jolly": 0.015,
    "bubble": 0.01,
    "fold": 0.03,
}
_ON_INFECTED = {None: 0.9, "smudge": 0.03, "dirt": 0.03, "bubble": 0.02, "fold": 0.02}
_STIPPLED = 0.25  # of infected cells


@dataclass(frozen=True)
class RenderedCell:
    """A rendered cell and the truth about it.

    Attributes:
        pixels: uint8 RGB [h, w, 3], black around the cell.
        mask: where parasites took the stain, bool [h, w].
        infected: whether there are parasites.
        parasites: each of them.
        artefact: one of ARTEFACTS, or None.
        cut: whether the segmentation cut a piece off.
        leaks: flaps of the surroundings that it took for cell.
        neighbour: whether it left a piece of another cell.
        patient: stain and optics.
        field: light and focus of the photograph.
        blur: standard deviation of the focus, pixels.
        diameter: pixels.
        elongation: long axis by short axis.
        pallor: how much thinner the middle is, in [0, 1].
    """

    pixels: np.ndarray
    mask: np.ndarray
    infected: bool
    parasites: tuple[Parasite, ...]
    artefact: str | None
    cut: bool
    leaks: int
    neighbour: bool
    patient: Patient
    field: Field
    blur: float
    diameter: float
    elongation: float
    pallor: float


def render_cell(
    seed: int, patient: int, cell: int, infected: bool, kind: Kind = "plain", wild: float = 0.0
) -> RenderedCell:
    """Render a cell; the same for the same arguments, whatever was rendered before.

    Args:
        patient: number of the patient, >= 0; with the seed it decides stain and optics.
        cell: number of the cell within the patient, >= 0; neighbours share a field of view.
        kind, wild: as in `random_patient`.
    """
    smear = random_patient(seed, patient, kind, wild)
    field = random_field(seed, patient, cell // CELLS_PER_FIELD)
    rng = np.random.default_rng([seed, 2, patient, cell])
    shape = _draw_shape(smear, rng)
    scene = _lay_out(smear, shape, rng)
    parasites = _infect(scene, rng) if infected else ()
    mask = scene.layers[NUCLEUS] + 0.5 * scene.layers[PLASM] > 0.2
    if infected and rng.random() < _STIPPLED:
        stipple(scene, rng)
    artefact = _pick(rng, _ON_INFECTED if infected else _ON_HEALTHY)
    if artefact:
        draw_artefact(scene, rng, artefact)
    segment = _segment(scene, shape, rng)
    rows, columns = _bounds(segment)
    blur = smear.blur * field.blur
    pixels = _photograph(scene.layers[:, rows, columns], smear, field, blur, rng)
    pixels[~segment[rows, columns]] = 0
    return RenderedCell(
        pixels=pixels,
        mask=(mask & segment)[rows, columns],
        infected=infected,
        parasites=tuple(each.moved(-rows.start, -columns.start) for each in parasites),
        artefact=artefact,
        cut=shape.cut,
        leaks=shape.leaks,
        neighbour=shape.neighbour,
        patient=smear,
        field=field,
        blur=blur,
        diameter=scene.diameter,
        elongation=shape.elongation,
        pallor=shape.pallor,
    )


@dataclass(frozen=True)
class _Shape:
    diameter: float
    elongation: float
    irregularity: float
    pallor: float
    thickness: float
    cut: bool
    leaks: int
    neighbour: bool


def _draw_shape(smear: Patient, rng: np.random.Generator) -> _Shape:
    odd, dense = rng.random(2) < (0.15, 0.05)  # dense cells are small and dark
    return _Shape(
        diameter=float(smear.diameter * rng.lognormal(0, 0.07) * (0.82 if dense else 1)),
        elongation=float(rng.lognormal(0.11, 0.08) if not odd else rng.lognormal(0.28, 0.17)),
        irregularity=float(rng.uniform(0.025, 0.08) if not odd else rng.uniform(0.08, 0.18)),
        pallor=float(min(smear.pallor * rng.uniform(0.3, 1.5), 0.9)),
        thickness=float(rng.lognormal(0, 0.1) * (rng.uniform(1.3, 1.8) if dense else 1)),
        cut=bool(rng.random() < 0.15),
        leaks=int(rng.integers(1, 5) if rng.random() < 0.2 else 0),
        neighbour=bool(rng.random() < 0.06),
    )


def _lay_out(smear: Patient, shape: _Shape, rng: np.random.Generator) -> Scene:
    """A healthy cell on glass, with room around it, and maybe a part of another cell."""
    radii = shape.diameter / 2 * outline(rng, shape.irregularity, shape.elongation, 0.15)
    pad = 8 + shape.diameter * max(0.25 * shape.neighbour, 0.2 * bool(shape.leaks))
    lowest, highest = zip(*((c.min() - pad, c.max() + pad) for c in corners(radii)), strict=True)
    rows, columns = (np.arange(a, b) for a, b in zip(lowest, highest, strict=True))
    scene = Scene(
        layers=np.zeros((4, len(rows), len(columns)), np.float32),
        middle=(-lowest[0], -lowest[1]),
        radii=radii,
        away=float(rng.uniform(0, 360)),
    )
    scene.layers[CELL] = _thickness(scene, smear, shape, rng)
    if shape.leaks:  # what the segmentation takes for cell is often a shred of one
        shreds = np.clip(0.5 + 0.5 * texture(rng, scene.layers[CELL].shape, 12), 0, 1)
        scene.layers[CELL] += shreds * (scene.layers[CELL] == 0)
    if shape.neighbour:
        other = _neighbour(scene, shape.diameter)
        beside = np.sqrt(np.clip(-_beyond(other, scene) / 5, 0, 1))
        scene.layers[CELL] = np.maximum(scene.layers[CELL], beside)
    return scene


def _thickness(scene: Scene, smear: Patient, shape: _Shape, rng: np.random.Generator) -> np.ndarray:
    share = scene.whole.distance / scene.radii[scene.whole.degrees]
    pale = _beyond((*scene.place(rng, 0, 0.3), 0), scene) / (shape.diameter / 2)
    pale = (pale / rng.uniform(0.15, 0.6)) ** 2
    profile = 1 - shape.pallor * np.exp(-pale if rng.random() < 0.7 else -(pale**2))
    profile += smear.rim * np.exp(-(((share - 0.85) / 0.12) ** 2))
    profile += 0.015 * texture(rng, share.shape, 12) + 0.01 * texture(rng, share.shape, 4)
    profile *= shape.thickness
    # a cell is rounded at its edge
    return profile * np.sqrt(np.clip((1 - share) * 14, 0, 1))


def _beyond(circle: tuple[float, float, float], scene: Scene, step: int = 1) -> np.ndarray:
    """Distance of each pixel from a circle (row, column, radius), negative inside."""
    rows, columns = (np.arange(length, dtype=np.float32) for length in scene.layers.shape[1:])
    row, column, radius = circle
    down, right = rows[step // 2 :: step, None] - row, columns[step // 2 :: step] - column
    return np.sqrt(down**2 + right**2) - np.float32(radius)


def _neighbour(scene: Scene, diameter: float) -> tuple[float, float, float]:
    """Another cell, which touches this one in the direction where nothing is put."""
    radius = 0.48 * diameter
    share = 1 + 0.8 * radius / float(scene.radii[int(scene.away)])
    return (*scene.at(scene.away, share), radius)


def _segment(scene: Scene, shape: _Shape, rng: np.random.Generator) -> np.ndarray:
    """What a segmentation at a few pixels' resolution takes for the cell; bool [h, w]."""
    step = int(rng.integers(3, 5))
    every = (slice(step // 2, None, step), slice(step // 2, None, step))
    radii = scene.radii * outline(rng, rng.uniform(0, 0.025), roughness=0.3)
    for _ in range(shape.leaks):
        flap = rng.uniform(0.05, 0.35) * bump(rng.uniform(0, TURN), rng.uniform(3, 14))
        radii = np.maximum(radii, scene.radii * (1 + flap))
    beyond = scene.whole.distance[every] - radii[scene.whole.degrees[every]]
    ragged = texture(rng, beyond.shape, 1) + 0.4 * rng.standard_normal(beyond.shape, np.float32)
    ragged *= rng.uniform(0.2, 2)
    found = beyond + ragged < rng.uniform(-2, 3)
    if shape.neighbour:
        other = _beyond(_neighbour(scene, shape.diameter), scene, step) + ragged
        found |= (other < 2) & (beyond + 2 * ragged < rng.uniform(0.02, 0.14) * shape.diameter)
    if shape.cut:
        radius = shape.diameter * rng.uniform(0.15, 0.6)
        depth = shape.diameter * rng.uniform(0.05, 0.35)
        share = 1 + (radius - depth) / float(scene.radii[int(scene.away)])
        found &= _beyond((*scene.at(scene.away, share), radius), scene, step) + 4 * ragged > 0
    parts, number = label(found)
    if number > 1:
        found = parts == np.bincount(parts[parts > 0]).argmax()
    blocks = (
        np.minimum(np.arange(length) // step, count - 1)
        for length, count in zip(scene.layers.shape[1:], found.shape, strict=True)
    )
    return found[np.ix_(*blocks)]


def _bounds(segment: np.ndarray) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(segment.any(axis=1)), np.flatnonzero(segment.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _infect(scene: Scene, rng: np.random.Generator) -> tuple[Parasite, ...]:
    kinds = [_pick(rng, _STAGES) for _ in range(_pick(rng, _NUMBERS))]
    if {"schizont", "gametocyte"}.intersection(kinds):
        kinds = kinds[:1]  # they leave no room for others
    return tuple(draw_parasite(scene, rng, kind) for kind in kinds)


def _pick(rng: np.random.Generator, chances: Mapping[Choice, float]) -> Choice:
    """One of the keys, as often as its value says; the values sum to 1."""
    place = int(np.searchsorted(np.cumsum(list(chances.values())), rng.random()))
    return list(chances)[min(place, len(chances) - 1)]


def _photograph(
    layers: np.ndarray, smear: Patient, field: Field, blur: float, rng: np.random.Generator
) -> np.ndarray:
    """Light through a scene (Beer-Lambert law) onto a camera; uint8 [h, w, 3]."""
    there = [number for number, layer in enumerate(layers) if layer.any()]
    matter = np.stack([_blurred(layers[each], blur) for each in there])
    # einsum, not a matrix product: threads of a BLAS would cost more than so little work
    density = np.einsum("kc,khw->chw", smear.densities[there] * np.float32(np.log(10)), matter)
    light = np.array(smear.glass, np.float32) * np.array(field.light, np.float32)
    down, right = (np.linspace(-1, 1, n, dtype=np.float32) for n in density.shape[1:])
    slope = 1 + field.slope[0] * down[:, None] + field.slope[1] * right
    levels = np.exp(-density) * slope * light[:, None, None]
    if smear.saturation != 1:
        grey = levels.mean(axis=0)
        levels = grey + smear.saturation * (levels - grey)
    if smear.gamma != 1:
        levels = 255 * (np.clip(levels, 0, 255) / 255) ** np.float32(smear.gamma)
    size = levels[0].shape
    levels += smear.noise * (0.4 * texture(rng, size, 0.4) + 0.8 * texture(rng, size, 1.2)) + 0.5
    exposed = np.clip(levels, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(exposed.transpose(1, 2, 0))


def _blurred(layer: np.ndarray, blur: float) -> np.ndarray:
    """Out of focus; computed only where something is, because most layers are nearly empty."""
    reach = int(4 * blur) + 1
    rows, columns = (
        slice(max(span.start - reach, 0), span.stop + reach) for span in _bounds(layer > 0)
    )
    result = np.zeros_like(layer)
    result[rows, columns] = gaussian_filter(layer[rows, columns], blur, truncate=3)
    return result
