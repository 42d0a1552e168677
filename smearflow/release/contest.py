"""A challenger against the model in use and those before it, on the same test cells."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from smearflow.assessment.paired import Scores, paired_differences
from smearflow.evaluation.metrics import ScoredCells
from smearflow.records.contest import Comparison, Standing
from smearflow.records.figures import Difference
from smearflow.release.promotion import HELD

UNDEFINED = Difference(value=None, low=None, high=None, at_least=None)
Mask = npt.NDArray[np.bool_]


class HeldOutCells(NamedTuple):
    """The test side of a challenger's run.

    Attributes:
        targets: [n], 1 = positive.
        patients: [n], which patient each cell is of.
        sites: [n], source of each cell.
        first: the site whose patients have been there from the first model on.
        new: sites of which the champion learned nothing.
    """

    targets: npt.NDArray[np.int8]
    patients: npt.NDArray[np.str_]
    sites: npt.NDArray[np.str_]
    first: str
    new: frozenset[str] = frozenset()


class Rival(NamedTuple):
    """A model that is or was in use, asked about those cells.

    Attributes:
        model_id: which.
        scores: its answers, [n].
        held_out: [n], whether it can't have learned from the patient.
    """

    model_id: str
    scores: Scores
    held_out: Mask


class Resampling(NamedTuple):
    """How differences are bounded.

    Attributes:
        samples: number of resamples of the patients.
        seed: of them.
        confidence: of the one-sided bound.
    """

    samples: int
    seed: int
    confidence: float


def compare(
    cells: HeldOutCells,
    challenger: Scores,
    champion: Rival,
    former: Sequence[Rival],
    primary_metric: str,
    resampling: Resampling,
) -> Iterator[Comparison]:
    """A challenger minus the champion, together and by site; and minus the floor.

    Patients from whom the other model may have learned are left out: it would look too good. The
    floor is, of each figure that is held, the former champion with the highest on the first site,
    if that is higher than the champion's.
    """
    metrics = tuple(dict.fromkeys((*HELD, primary_metric)))
    sites = np.unique([*cells.sites, cells.first])
    for site in (None, *(map(str, sites) if len(sites) > 1 else ())):
        yield _against(cells, challenger, champion, "champion", site, metrics, resampling)
    for rival, held in _floor(cells, champion, former):
        yield _against(cells, challenger, rival, "floor", cells.first, held, resampling)


def _against(
    cells: HeldOutCells,
    challenger: Scores,
    rival: Rival,
    standing: Standing,
    site: str | None,
    metrics: Sequence[str],
    resampling: Resampling,
) -> Comparison:
    where = np.flatnonzero(rival.held_out & _of_site(cells, site))
    targets, patients = cells.targets[where], cells.patients[where]
    differences = dict.fromkeys(metrics, UNDEFINED)
    if len(where):
        differences = paired_differences(
            targets,
            patients,
            *(
                Scores(each.probabilities[where], each.threshold)
                for each in (challenger, rival.scores)
            ),
            metrics=metrics,
            samples=resampling.samples,
            seed=resampling.seed,
            confidence=resampling.confidence,
        )
    return Comparison(
        rival=rival.model_id,
        standing=standing,
        site=site,
        patients=min((len(set(patients[targets == each])) for each in set(targets)), default=0),
        cells=len(where),
        needed=site in (None, cells.first),
        new=standing == "champion" and site in cells.new,
        differences=differences,
    )


def _of_site(cells: HeldOutCells, site: str | None) -> Mask:
    return np.full(len(cells.sites), True) if site is None else cells.sites == site


def _floor(
    cells: HeldOutCells, champion: Rival, former: Sequence[Rival]
) -> Iterator[tuple[Rival, tuple[str, ...]]]:
    """Former champions that are the best in something on the first site, and in what."""
    figures = [_figures(cells, rival) for rival in (champion, *former)]
    best = {name: int(np.argmax([each[name] for each in figures])) for name in HELD}
    for number, rival in enumerate(former, start=1):
        if held := tuple(name for name in HELD if best[name] == number):
            yield rival, held


def _figures(cells: HeldOutCells, rival: Rival) -> dict[str, float]:
    """Of a model on the first site; minus infinity where undefined."""
    where = rival.held_out & _of_site(cells, cells.first)
    if not where.any():
        return dict.fromkeys(HELD, -np.inf)
    scored = ScoredCells.of(
        cells.targets[where], rival.scores.probabilities[where], rival.scores.threshold
    )
    found = scored.metrics(np.ones((1, int(where.sum()))))
    return {name: float(np.nan_to_num(found[name][0], nan=-np.inf)) for name in HELD}
