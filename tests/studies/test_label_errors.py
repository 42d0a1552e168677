import numpy as np
import pytest

from smearflow.studies.label_errors import by_doubt, label_noise, likely_wrong


def planted(
    cells: int, false: float, missed: float, sharpness: float = 3.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels with wrong ones, probabilities of a good network, and which labels are wrong.

    Args:
        false: share of the negative cells that are labelled positive.
        missed: share of the positive cells that are labelled negative.
        sharpness: of the network, in standard deviations of its logits.
    """
    rng = np.random.default_rng(4)
    true = rng.integers(0, 2, cells)
    probabilities = 1 / (1 + np.exp(-rng.normal(np.where(true == 1, sharpness, -sharpness), 1)))
    wrong = rng.random(cells) < np.where(true == 1, missed, false)
    return np.where(wrong, 1 - true, true), probabilities, wrong


@pytest.mark.parametrize(("false", "missed"), [(0.05, 0.05), (0.0, 0.1), (0.08, 0.01)])
def test_planted_noise_is_found_and_estimated(false: float, missed: float) -> None:
    labels, probabilities, wrong = planted(4000, false, missed)
    ranking = by_doubt(labels, probabilities)
    assert sorted(ranking) == list(range(4000))
    assert wrong[ranking[: wrong.sum()]].mean() > 0.97
    found = likely_wrong(labels, probabilities)
    assert list(found) == list(ranking[: len(found)])
    assert 0.6 * wrong.sum() < len(found) < 1.1 * wrong.sum()  # the sure ones
    assert wrong[found].mean() > 0.97
    noise = label_noise(labels, probabilities)
    assert (noise.cells, noise.likely_wrong) == (4000, len(found))
    assert noise.noise == pytest.approx(wrong.mean(), abs=0.013)  # lopsided noise: too low
    assert noise.ceiling == 1 - noise.noise
    differ = (2 * false * (1 - false) + 2 * missed * (1 - missed)) / 2
    assert noise.disputed == pytest.approx(differ, abs=0.02)


def test_clean_labels_of_a_sure_network_are_not_doubted() -> None:
    labels, probabilities, _ = planted(1000, 0, 0, sharpness=6)
    assert list(likely_wrong(labels, probabilities)) == []
    found = label_noise(labels, probabilities)
    assert (found.noise, found.disputed, found.ceiling) == (0, 0, 1)


def test_a_network_that_is_always_wrong_leaves_nothing_undefined() -> None:
    found = label_noise([0, 0, 1, 1], [0.9, 0.9, 0.1, 0.1])
    assert 0 <= found.noise <= 1
    assert 0 <= found.disputed <= 1
