import pytest

from tests.analysis.planted import CRITERIA, NOISE, SEEDS, TRUTHS, Truth, counts, explored, planned


@pytest.mark.heavy
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.name)
def test_what_was_planted_is_found(truth: Truth) -> None:
    found = counts(truth, SEEDS)
    for criterion, count in zip(CRITERIA, found, strict=True):
        assert criterion.least <= count <= criterion.most, f"{criterion.name}: {found}"


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.name)
def test_the_second_largest_effect_is_as_large_as_declared(truth: Truth) -> None:
    params, runs = planned()
    settings = [run.job.configuration.model_dump(mode="json") for run in runs]
    effects = {}
    for name, term in truth.terms.items():
        heights = [term(each[name]) for each in settings]
        effects[name] = max(heights) - min(heights)
    largest, second, *_ = sorted(effects, key=lambda name: -effects[name])
    assert largest == truth.largest
    assert effects[second] <= truth.second * 1.001
    products = [truth.product(each) for each in settings]
    assert max(products) - min(products) <= truth.second * 1.001
    assert truth.irrelevant not in {*truth.terms, *truth.pair}
    assert NOISE >= 0.3
    assert params.explore.experiments


def test_an_exploration_has_runs_that_diverged_and_is_the_same_again() -> None:
    _, runs = planned()
    records = explored(TRUTHS[0], runs, 0)
    assert 0 < sum(record.status == "diverged" for record in records) < len(records) / 4
    assert records == explored(TRUTHS[0], runs, 0)
    assert records != explored(TRUTHS[0], runs, 1)
