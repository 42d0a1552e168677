"""A window before it is compared: its files checked, its cells scored by the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.checks import SuiteResult, run_suite
from smearflow.monitoring.baseline import Baseline
from smearflow.records.verdict import PatientNames
from smearflow.windows.patients import patients_of
from smearflow.windows.read import EXCLUDED, Window

Floats32 = npt.NDArray[np.float32]


class Predictor(Protocol):
    """What a window needs of the edge model."""

    def prepared(
        self, pixels: npt.NDArray[np.uint8], slides: Sequence[object]
    ) -> npt.NDArray[np.uint8]:
        """The cells [n, S, S, 3] of slides [n] as the model takes them."""

    def predict(self, pixels: npt.NDArray[np.uint8]) -> tuple[Floats32, Floats32]:
        """Probability of the positive class [n] and embedding [n, D] of each cell."""


@dataclass(frozen=True)
class Described:
    """A window, and what is known of it without a comparison.

    Attributes:
        window: as it was read.
        checks: of its table; None without files.
        scored: a row per decodable image, in the columns of the baseline; none without any.
        patients: that the sound cells are taken for.
        names: what the names of their files tell of patients.
    """

    window: Window
    checks: SuiteResult | None
    scored: pd.DataFrame
    patients: int
    names: PatientNames

    @property
    def cells(self) -> pd.DataFrame:
        """The rows of `scored` that are compared."""
        sound = self.window.sound.to_numpy()
        return self.scored[sound].reset_index(drop=True) if len(self.scored) else self.scored

    @property
    def valid(self) -> bool:
        """Whether no critical check fails."""
        return self.checks is None or self.checks.success


def describe_window(window: Window, model: Predictor, baseline: Baseline, suite: Path) -> Described:
    """Check the files of a window, have the model score its cells, and count its patients.

    Args:
        suite: expectations on the window's table.

    Raises:
        SmearflowError: as `run_suite`.
    """
    decodable, scored = window.decodable, pd.DataFrame()
    if len(window.pixels):
        # those whose names tell no patient are one slide
        pixels = model.prepared(window.pixels, decodable["patient"].fillna("").tolist())
        scored = baseline.describe(decodable, *model.predict(pixels))
    patients, names = patients_of(decodable[window.sound], baseline)
    checks = run_suite(window.table, suite) if len(window.table) else None
    return Described(window, checks, scored, patients, names)


def write_scores(described: Described, baseline: Baseline, file: Path) -> None:
    """Write what the model said of each decodable image, and what is wrong with it."""
    table = described.scored[["probability", "label", *baseline.statistics]].copy()
    seen = described.window.decodable.reset_index(drop=True)
    table.insert(0, "file", seen["path"])
    table[list(EXCLUDED)] = seen[list(EXCLUDED)]
    table.to_parquet(file, index=False)
