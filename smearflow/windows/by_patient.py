"""The patients of a window, each by itself: who is unlike what the model judges well."""

import numpy as np
import pandas as pd

from smearflow.cells.naming import own_id
from smearflow.monitoring.baseline import Baseline
from smearflow.monitoring.drift import EMBEDDINGS
from smearflow.monitoring.estimate import HARMFUL
from smearflow.monitoring.examples import CELLS, WINDOW, Pixels, some_of
from smearflow.monitoring.patients import (
    CONFIDENCE,
    DOUBT,
    LEAST_CELLS,
    RATE,
    UsualPatients,
    patient_means,
)
from smearflow.records.verdict import EstimatedAccuracy, Evidence, JudgedPatient, JudgedPatients
from smearflow.windows.describe import Described

MOST_SHOWN = 3  # patients whose cells are shown
NOBODY = ""  # the name of whoever the cells are of whose names tell none


def judge_patients(
    described: Described, baseline: Baseline, site: str | None
) -> JudgedPatients | None:
    """Compare each patient of a window with the baseline's; None where these tell too little.

    Args:
        site: whose patients the window's are compared with; None: those of all sites.
    """
    everyone = baseline.usual
    if everyone is None:
        return None
    usual = everyone.of_site(site)
    names = names_of_patients(described)
    sizes = names.value_counts()
    means = patient_means(described.cells, names, baseline.statistics)
    judged = usual.enough and len(means) > 0
    return JudgedPatients(
        site=site,
        usual=int(usual.judged_well.sum()),
        enough=usual.enough,
        rate=RATE,
        confidence=CONFIDENCE,
        few_cells=int((sizes < LEAST_CELLS).sum()),
        least_cells=LEAST_CELLS,
        patients=_judged(means, sizes, usual) if judged else (),
        accuracy=_accuracy(means, usual) if judged else None,
        usual_scores={
            kind: tuple(sorted(scores))
            for kind, scores in (usual if usual.enough else everyone).own_scores.items()
        },
    )


def names_of_patients(described: Described) -> "pd.Series[str]":
    """Whose each compared cell is, [n]; where the names tell nobody, all are one patient's."""
    window = described.window
    names = window.decodable[window.sound]["patient"].reset_index(drop=True)
    if described.patients == 1 and names.nunique() != 1:
        return pd.Series(NOBODY, index=names.index)
    return names.map(own_id, na_action="ignore").fillna(NOBODY)


def cells_to_look_at(described: Described, judged: JudgedPatients | None) -> dict[str, Pixels]:
    """Some of the compared cells, and some of each patient named first.

    Returns:
        uint8 RGB [n, size, size, 3] by title.
    """
    pixels = described.window.pixels[described.window.sound.to_numpy()]
    names = names_of_patients(described).to_numpy(str)
    found = {WINDOW: pixels[some_of(len(pixels), CELLS)]}
    for each in judged.flagged[:MOST_SHOWN] if judged else ():
        own = np.flatnonzero(names == each.patient)
        title = f"patient {each.patient}" if each.patient else "cells that name no patient"
        found[title] = pixels[own[some_of(len(own), CELLS // 2)]]
    return found


def _judged(
    means: pd.DataFrame, sizes: "pd.Series[int]", usual: UsualPatients
) -> tuple[JudgedPatient, ...]:
    scores, away = usual.scores(means), usual.deviations(means)
    valid, flagged = usual.valid(means), usual.flagged(means)
    accuracies = usual.estimator.accuracy(means[DOUBT]) if usual.estimator else None
    found = [
        JudgedPatient(
            patient=str(name),
            cells=int(sizes[name]),
            p_value=float(p_value),
            flagged=bool(flagged[i]),
            scores={kind: float(score) for kind, score in scores.loc[name].items()},
            evidence=_evidence(means.loc[name], away.loc[name], scores.loc[name], usual),
            accuracy=None if accuracies is None or not valid[i] else float(accuracies[i]),
        )
        for i, (name, p_value) in enumerate(zip(means.index, usual.p_values(means), strict=True))
    ]
    return tuple(sorted(found, key=lambda each: (each.p_value, -max(each.scores.values()))))


def _evidence(
    means: pd.Series, away: pd.Series, scores: pd.Series, usual: UsualPatients
) -> tuple[Evidence, ...]:
    """Of each kind of score the quantity that is furthest away."""
    told = []
    for kind, columns in usual.kinds.items():
        if kind == EMBEDDINGS:
            whole = Evidence(
                group=kind, name="embedding", patient=None, usual=None, deviations=scores[kind]
            )
            told.append(whole)
            continue
        name = away[columns].abs().idxmax()
        told.append(
            Evidence(
                group=kind,
                name=name,
                patient=means[name],
                usual=usual.typical[name],
                deviations=away[name],
            )
        )
    return tuple(sorted(told, key=lambda each: -abs(each.deviations)))


def _accuracy(means: pd.DataFrame, usual: UsualPatients) -> EstimatedAccuracy | None:
    """That of the patients of whom an estimate is valid; None where it is not of most of them."""
    estimator = usual.estimator
    if estimator is None:
        return None
    valid = usual.valid(means)
    number = int(valid.sum())
    if 2 * number <= len(means):
        return None
    value, low, high = estimator.mean(means[DOUBT][valid])
    expected = float(estimator.accuracies.mean())
    return EstimatedAccuracy(
        value=value,
        low=low,
        high=high,
        expected=expected,
        patients=number,
        invalid=len(means) - number,
        harmful=high < expected - HARMFUL,
        harmless=number == len(means) and low >= expected - HARMFUL,
    )
