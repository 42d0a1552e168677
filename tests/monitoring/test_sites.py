import numpy as np
import pandas as pd
import pytest

from smearflow.monitoring.limits import WASSERSTEIN, Measure, undefined_limits
from smearflow.monitoring.sites import Site, nearest_site, sites_of

MEASURES = (Measure("image statistics", "red", WASSERSTEIN),)


def _cells(source: str, patients: int, level: float) -> pd.DataFrame:
    """Thirty cells of each patient; patients of a site differ by about 1."""
    rng = np.random.default_rng(len(source))
    own = rng.normal(level, 1, patients)
    return pd.DataFrame(
        {
            "patient": [f"{source}/{n}" for n in range(patients) for _ in range(30)],
            "source": source,
            "red": np.repeat(own, 30) + rng.normal(0, 1, 30 * patients),
        }
    )


def _sites(*parts: pd.DataFrame) -> tuple[Site, ...]:
    return sites_of(pd.concat(parts, ignore_index=True), MEASURES, 60, 0.05, 1)


def _judged(sites: tuple[Site, ...], window: pd.DataFrame) -> tuple[str | None, bool]:
    site, scores = nearest_site(window, window["patient"].nunique(), sites, MEASURES)
    return site.name, any(score.drifted for score in scores)


@pytest.fixture(scope="module")
def two() -> tuple[Site, ...]:
    return _sites(_cells("first", 40, 0.0), _cells("second", 12, 12.0))


def test_one_site_is_that_of_all_cells() -> None:
    (site,) = _sites(_cells("first", 12, 0.0))
    assert site.name is None


def test_a_window_of_a_second_site_is_usual_though_unlike_the_mixture(
    two: tuple[Site, ...],
) -> None:
    window = _cells("further", 8, 12.0)
    assert _judged(two[:1], window)[1]  # beside the mixture alone
    assert _judged(two, window) == ("second", False)
    assert _judged(two, _cells("further", 8, 0.0)) == ("first", False)


def test_a_window_unlike_every_site_drifts(two: tuple[Site, ...]) -> None:
    assert _judged(two, _cells("further", 8, 30.0))[1]


def test_patients_of_both_sites_are_usual_together(two: tuple[Site, ...]) -> None:
    both = pd.concat([_cells("third", 6, 0.0), _cells("fourth", 2, 12.0)])
    assert _judged(two, both) == (None, False)


def test_a_site_of_two_patients_sets_no_limits_of_its_own() -> None:
    sites = _sites(_cells("first", 12, 0.0), _cells("second", 2, 12.0))
    assert [site.name for site in sites] == [None, "first"]


def test_a_site_without_limits_is_never_the_nearest(two: tuple[Site, ...]) -> None:
    untold = Site("untold", two[0].cells, {1: undefined_limits(MEASURES, 1)})
    assert _judged((untold, *two), _cells("further", 8, 0.0)) == ("first", False)
