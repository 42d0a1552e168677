"""Rendered thin-smear cells: what runs, tests and pre-training use where there are no real ones.

Every cell is a function of (seed, patient, cell): it can be rendered alone, in any order and in
any process. Layers of matter (haemoglobin, chromatin, cytoplasm, dirt) take light away by their
optical density; focus, camera and segmentation follow. Nothing is copied from real images.
"""

from smearflow.sample.cell import RenderedCell, render_cell
from smearflow.sample.parasites import Parasite
from smearflow.sample.patients import Field, Kind, Patient, random_field, random_patient

__all__ = [
    "Field",
    "Kind",
    "Parasite",
    "Patient",
    "RenderedCell",
    "random_field",
    "random_patient",
    "render_cell",
]
