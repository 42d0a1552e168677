"""What the published method saw on real cells: a rate that explodes, and one that trains."""

from pathlib import Path

import numpy as np

from benchmarks.probe import load_cells
from smearflow.model.curves import diagnose
from smearflow.model.fit import FitResult
from smearflow.model.training import train_once
from smearflow.params.model import Configuration
from smearflow.sides.side import Side

CELLS = 900


def trained(side: Side, backbone: Path, rate: float) -> FitResult:
    patients = sorted(set(side.patients))
    held_out = np.isin(side.patients, patients[::4])
    rows = np.arange(len(side.targets))
    configuration = Configuration(learning_rate=rate, epochs=5)
    return train_once(
        side.take(rows[~held_out]),
        side.take(rows[held_out]),
        backbone,
        configuration,
        seed=1,
        input_range=(0.0, 1.0),
        least_class_share=0.0,
    )


def test_a_high_rate_explodes_and_moves_early_layers_and_a_low_one_is_healthy(
    real_cells: Path, real_module: Path
) -> None:
    side = load_cells(real_cells, ("Uninfected", "Parasitized"), 64, None, CELLS)
    wild, tame = (trained(side, real_module, rate) for rate in (0.03, 5e-5))
    assert diagnose(wild.curve) in ("diverged", "exploding")
    assert diagnose(tame.curve) in ("healthy", "still improving", "saturated")
    far, near = (run.weight_change["first kernel"] for run in (wild, tame))
    assert near is not None
    assert far is None or far > 20 * near
    norms = [run.curve["gradient_norm"][0] for run in (wild, tame)]
    assert norms[1] is not None
    assert norms[0] is None or norms[0] > 10 * norms[1]
