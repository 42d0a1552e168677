"""Windows made of the reference's own patients: what they differ by is usual."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.ground.errors import SmearflowError
from smearflow.monitoring.drift import drift_scores
from smearflow.monitoring.limits import DriftLimits, Measure, calibrate, undefined_limits

PATIENT_COUNTS = (1, 2, 4)  # of the resampled windows; larger ones vary hardly less
REFERENCE_CELLS = 700  # drawn from the reference for a comparison
WINDOW_CELLS = 500  # drawn from a window: its patients, not its cells, limit what can be seen
RESAMPLED_CELLS = 100  # in a resampled window: few, so that small windows raise no more alarms
LEAST_PATIENTS = 3

# Fewer cells differ from the others by chance more than a window that is worth judging ever does:
# a single one as far as cells differ. Limits that had to hold for it would hold for every shift.
LEAST_CELLS = 20

Floats = npt.NDArray[np.float64]


def calibrate_all(
    reference: pd.DataFrame,
    measures: Sequence[Measure],
    resamples: int,
    false_alarm_rate: float,
    seed: int,
) -> dict[int, DriftLimits]:
    """Limits by number of patients in a window, from resamples of the reference's own.

    Args:
        reference: patient, and the columns that the measures are of.
        resamples: per number of patients.
        false_alarm_rate: of all measures together.
        seed: of the resamples.

    Returns:
        Limits without a value where the patients have too few cells to make three windows of.

    Raises:
        SmearflowError: fewer than three patients.
    """
    require_patients(reference["patient"])
    groups = window_groups(reference["patient"]).max() + 1
    if groups < LEAST_PATIENTS:
        return {1: undefined_limits(measures, patients=1)}
    limits = {}
    for patients in _patient_counts(groups):
        scores, members = resample(reference, measures, patients, resamples, seed)
        limits[patients] = calibrate(measures, scores, members, false_alarm_rate)
    return limits


def require_patients(patients: pd.Series) -> None:
    """Check that there are enough patients to compare.

    Raises:
        SmearflowError: fewer than three.
    """
    if patients.nunique() < LEAST_PATIENTS:
        raise SmearflowError(
            f"the validation cells are of {patients.nunique()} patients; limits need "
            f"{LEAST_PATIENTS}",
            "add patients, or raise split.validation, which changes the test patients too",
        )


def resample(
    reference: pd.DataFrame,
    measures: Sequence[Measure],
    patients: int,
    resamples: int,
    seed: int,
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Compare groups of patients with the remaining ones.

    Returns:
        Scores [R, S] of the groups, and which of the P patients were in each, [R, P]; patients
        that make a window only together (`window_groups`) count as one.
    """
    rng = np.random.default_rng([seed, patients])
    numbers = window_groups(reference["patient"])
    scores = np.empty((resamples, len(measures)))
    members = np.zeros((resamples, numbers.max() + 1), dtype=bool)
    for i in range(resamples):
        members[i, rng.permutation(members.shape[1])[:patients]] = True
        inside = members[i][numbers] & (numbers >= 0)
        window = sample_cells(reference[inside], RESAMPLED_CELLS, rng)
        scores[i] = drift_scores(
            window, sample_cells(reference[~inside], REFERENCE_CELLS, rng), measures
        )
        if (i + 1) % 50 == 0 or i + 1 == resamples:
            print(f"windows of {patients} patients: {i + 1} of {resamples} compared", flush=True)
    return scores, members


def window_groups(patients: pd.Series) -> npt.NDArray[np.intp]:
    """What makes a window: a patient with enough cells, or several with few together.

    Args:
        patients: [n], of each cell.

    Returns:
        [n], the number of each cell's group: patients by name, then groups of those with few cells;
        -1 for the last of these, too few even together, with whom others are only compared.
    """
    numbers = pd.factorize(patients, sort=True)[0]
    sizes = np.bincount(numbers)
    enough = least_cells(patients)
    own = sizes >= enough
    group = np.cumsum(own) - 1
    last, together = int(own.sum()), 0
    waiting: list[int] = []
    for small in np.flatnonzero(~own).tolist():
        waiting.append(small)
        together += sizes[small]
        if together >= enough:
            group[waiting] = last
            last, together, waiting = last + 1, 0, []
    group[waiting] = -1
    return np.asarray(group[numbers])


def least_cells(patients: pd.Series) -> int:
    """The fewest cells of a resampled window: LEAST_CELLS, or where patients have fewer, theirs."""
    return int(min(LEAST_CELLS, usual_cells(patients)))


def usual_cells(patients: pd.Series) -> float:
    """How many cells the patient of a cell has, the median over the cells: few small ones are
    nothing to it."""
    return float(patients.map(patients.value_counts()).median())


def sample_cells(table: pd.DataFrame, cells: int, rng: np.random.Generator) -> pd.DataFrame:
    """This many rows at random, in their order, or all where there are no more."""
    if len(table) <= cells:
        return table
    return table.iloc[np.sort(rng.choice(len(table), cells, replace=False))]


def _patient_counts(patients: int) -> list[int]:
    """Sizes of the resampled windows: a third of the patients at most, so that many have no
    patient in common (of twelve patients, one pair of windows of four in seven)."""
    return [number for number in PATIENT_COUNTS if number <= max(1, patients // 3)]
