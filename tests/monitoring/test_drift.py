from itertools import permutations

import numpy as np
import pytest
from scipy.spatial.distance import cdist, jensenshannon
from scipy.stats import wasserstein_distance

from smearflow.monitoring.drift import drift_scores, measures_of
from smearflow.monitoring.limits import DriftLimits, beside_limits
from smearflow.windows.page import compare_in_report
from tests.monitoring.colour_model import table_of

MEASURES = measures_of(["blue_mean", "sharpness"])


def test_scores_are_the_methods_they_are_named_after() -> None:
    rng = np.random.default_rng(1)
    window, reference = table_of(rng, 90, shift=0.5), table_of(rng, 200)
    scores = dict(
        zip((m.name for m in MEASURES), drift_scores(window, reference, MEASURES), strict=True)
    )
    distance = wasserstein_distance(window["sharpness"], reference["sharpness"])
    assert scores["sharpness"] == pytest.approx(distance / reference["sharpness"].std(ddof=0))
    now, usual = ((table["label"] == "Parasitized").mean() for table in (window, reference))
    assert scores["label"] == pytest.approx(jensenshannon([now, 1 - now], [usual, 1 - usual]))
    assert list(scores) == ["blue_mean", "sharpness", "probability", "label", "embedding"]


def test_the_score_of_the_embedding_is_a_mean_over_pairs_of_different_cells() -> None:
    rng = np.random.default_rng(1)
    window, reference = (table_of(rng, cells, shift) for cells, shift in ((20, 0.5), (30, 0.0)))
    first, second = (table[["e0", "e1", "e2", "e3"]].to_numpy() for table in (window, reference))
    width = np.median(cdist(first, second))
    within = [
        np.mean([np.exp(-(((a - b) / width) ** 2).sum()) for a, b in permutations(cells, 2)])
        for cells in (first, second)
    ]
    across = np.mean([np.exp(-(((a - b) / width) ** 2).sum()) for a in first for b in second])
    found = drift_scores(window, reference, MEASURES)[-1]
    assert found == pytest.approx(sum(within) - 2 * across)


def test_every_score_grows_with_the_shift() -> None:
    shifts = (0.0, 0.4, 1.2)
    windows = [table_of(np.random.default_rng(1), 300, shift) for shift in shifts]
    reference = table_of(np.random.default_rng(2), 300)
    none, some, much = (drift_scores(window, reference, MEASURES) for window in windows)
    assert (none < some).all()
    assert (some < much).all()
    assert none[-1] < 0.01 < much[-1]


def test_a_table_does_not_differ_from_itself() -> None:
    table = table_of(np.random.default_rng(1), 100)
    assert drift_scores(table, table, MEASURES) == pytest.approx(np.zeros(5), abs=1e-9)


@pytest.mark.parametrize(("window", "reference"), [(1, 50), (50, 1), (1, 1)])
def test_a_single_cell_has_every_score_but_that_of_the_embedding(
    window: int, reference: int
) -> None:
    rng = np.random.default_rng(1)
    scores = drift_scores(table_of(rng, window), table_of(rng, reference), MEASURES)
    assert np.isfinite(scores[:-1]).all()
    assert np.isnan(scores[-1])


def test_a_model_that_sees_no_difference_tells_nothing() -> None:
    table = table_of(np.random.default_rng(1), 30).assign(e0=0.0, e1=0.0, e2=0.0, e3=0.0)
    for blind in (table, table.drop(columns=["e0", "e1", "e2", "e3"])):
        assert np.isnan(drift_scores(blind, blind, MEASURES)[-1])


def test_evidently_says_in_its_report_what_the_scores_say() -> None:
    rng = np.random.default_rng(1)
    window, reference = table_of(rng, 90), table_of(rng, 200)
    window["sharpness"] += 2
    window["blue_mean"], reference["blue_mean"] = 0.5, 0.5001  # cells that are all alike
    values = drift_scores(window, reference, MEASURES)
    limits = DriftLimits({measure.name: 0.5 for measure in MEASURES}, 1, 100, 0.04)
    scores = beside_limits(MEASURES, values.tolist(), limits)
    snapshot = compare_in_report(window, reference, scores).dict()
    of_columns = [m for m in snapshot["metrics"] if m["metric_name"].startswith("ValueDrift")]
    assert [m["value"] for m in of_columns] == pytest.approx(values[:4])  # without the embedding
    failed = [test["name"] for test in snapshot["tests"] if test["status"] != "SUCCESS"]
    assert len(failed) == 2, "the drifted column, and the share of drifted columns"
    assert any("sharpness" in name for name in failed)
