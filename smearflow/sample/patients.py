"""What the cells of a patient, and of a field of view, have in common: stain, light, optics."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

Kind = Literal["plain", "stain", "camera", "blur"]
Colour = tuple[float, float, float]

# Levels of clear glass, and optical densities (Beer-Lambert law, log10) of haemoglobin, of the
# parasite's nucleus and of its cytoplasm, per channel. Chosen by eye: a warm and a cool lamp and
# camera, as smears of two microscopes look beside each other.
_SLIDES = (
    {
        "glass": (236, 204, 180),
        "cell": (0.064, 0.136, 0.088),
        "nucleus": (0.13, 0.62, 0.10),
        "plasm": (0.10, 0.27, 0.07),
    },
    {
        "glass": (208, 212, 203),
        "cell": (0.096, 0.110, 0.050),
        "nucleus": (0.17, 0.72, 0.03),
        "plasm": (0.12, 0.24, 0.03),
    },
)
_DIRT = (0.30, 0.36, 0.26)


@dataclass(frozen=True)
class Patient:
    """The smear of a patient and the microscope it was seen through.

    Attributes:
        glass: level of clear glass per channel, in [0, 255].
        cell: optical density of a cell per channel.
        nucleus: optical density of a parasite's chromatin.
        plasm: optical density of a parasite's cytoplasm.
        dirt: optical density of stain precipitate.
        diameter: of a typical cell, pixels.
        pallor: how much thinner the middle of a cell is, in [0, 1].
        rim: how much thicker its rim is.
        blur: standard deviation of the focus, pixels.
        noise: standard deviation of the camera's noise, levels.
        gamma: exponent of the camera's tone curve.
        saturation: of the camera's colours; 1 leaves them.
        infected: share of infected cells among those photographed.
    """

    glass: Colour
    cell: Colour
    nucleus: Colour
    plasm: Colour
    dirt: Colour
    diameter: float
    pallor: float
    rim: float
    blur: float
    noise: float
    gamma: float = 1.0
    saturation: float = 1.0
    infected: float = 0.5

    @property
    def densities(self) -> np.ndarray:
        """What each layer of a scene takes from the light; float32 [4 layers, 3 channels]."""
        return np.array([self.cell, self.nucleus, self.plasm, self.dirt], np.float32)


@dataclass(frozen=True)
class Field:
    """One photograph of a patient's smear.

    Attributes:
        light: brightness per channel relative to the patient's.
        slope: relative change of the light over a cell, down and to the right.
        blur: of the focus relative to the patient's.
    """

    light: Colour
    slope: tuple[float, float]
    blur: float


@lru_cache(maxsize=1024)
def random_patient(seed: int, patient: int, kind: Kind = "plain", wild: float = 0.0) -> Patient:
    """The smear of a patient; the same for the same arguments.

    Args:
        kind: how the laboratory differs from the one the sample comes from.
        wild: domain randomisation: 0 draws smears that look real, 1 stains, lights, sizes and
            optics far beyond them.
    """
    rng = np.random.default_rng([seed, 0, patient])
    slide = _SLIDES[int(rng.random() < 0.5)]
    light = rng.normal(1, 0.02)
    drawn = Patient(
        glass=_vary(rng, slide["glass"], 0.012, light),
        cell=_vary(rng, slide["cell"], 0.05, rng.lognormal(0.05, 0.1)),
        nucleus=_vary(rng, slide["nucleus"], 0.08, rng.lognormal(0, 0.15)),
        plasm=_vary(rng, slide["plasm"], 0.10, rng.lognormal(0, 0.15)),
        dirt=_vary(rng, _DIRT, 0.15),
        diameter=float(rng.normal(130, 9)),
        pallor=float(rng.beta(1.3, 6)),
        rim=float(rng.uniform(0, 0.15)),
        blur=float(rng.uniform(0.9, 1.8)),
        noise=float(rng.uniform(0.8, 1.6)),
        infected=float(rng.uniform(0.3, 0.7)),
    )
    return _shifted(_randomised(drawn, rng, wild) if wild else drawn, kind)


@lru_cache(maxsize=1024)
def random_field(seed: int, patient: int, field: int) -> Field:
    """A field of view; the same for the same arguments."""
    rng = np.random.default_rng([seed, 1, patient, field])
    down, right = rng.normal(0, 0.012, 2)
    light = _vary(rng, (1, 1, 1), 0.01, rng.normal(1, 0.02))
    return Field(light, (float(down), float(right)), float(rng.lognormal(0, 0.2)))


def _vary(rng: np.random.Generator, values: Colour, spread: float, common: float = 1.0) -> Colour:
    red, green, blue = np.array(values) * common * rng.lognormal(0, spread, 3)
    return (float(red), float(green), float(blue))


def _randomised(patient: Patient, rng: np.random.Generator, wild: float) -> Patient:
    return replace(
        patient,
        glass=_vary(rng, patient.glass, 0.15 * wild, rng.lognormal(0, 0.12 * wild)),
        cell=_vary(rng, patient.cell, 0.4 * wild, rng.lognormal(0, 0.4 * wild)),
        nucleus=_vary(rng, patient.nucleus, 0.35 * wild, rng.lognormal(0, 0.3 * wild)),
        plasm=_vary(rng, patient.plasm, 0.35 * wild, rng.lognormal(0, 0.3 * wild)),
        dirt=_vary(rng, patient.dirt, 0.5 * wild),
        diameter=float(patient.diameter * rng.lognormal(0, 0.15 * wild)),
        pallor=float(patient.pallor + wild * rng.uniform(0, 0.3)),
        rim=float(patient.rim + wild * rng.uniform(0, 0.3)),
        blur=float(patient.blur * rng.lognormal(0, 0.35 * wild)),
        noise=float(patient.noise * rng.lognormal(0, 0.7 * wild)),
        gamma=float(rng.lognormal(0, 0.2 * wild)),
        saturation=float(rng.lognormal(0, 0.25 * wild)),
    )


def _shifted(patient: Patient, kind: Kind) -> Patient:
    if kind == "stain":
        red, green, blue = patient.cell
        return replace(patient, cell=(2.6 * red, 1.7 * green, 1.2 * blue))
    if kind == "camera":
        red, green, blue = patient.glass
        glass = (0.92 * red, 1.02 * green, 1.15 * blue)
        smaller = 0.75 * patient.diameter
        return replace(patient, glass=glass, gamma=1.3, saturation=1.4, diameter=smaller)
    if kind == "blur":  # the camera compresses a picture without detail harder, noise and all
        return replace(patient, blur=8 * patient.blur, noise=0.6 * patient.noise)
    return patient
