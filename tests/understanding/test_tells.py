from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from smearflow.understanding.tells import LEAST, LIMIT, tells_of

CLASSES = ("healthy", "sick")


def images(count: int = 40, **changed: Any) -> pd.DataFrame:
    """Images of both classes in turn that differ by chance alone, but for what is changed."""
    rng = np.random.default_rng(1)
    rows = 2 * count
    plain = {
        "path": [f"a/{at}.png" for at in range(rows)],
        "label": CLASSES * count,
        "source": "a",
        "site": None,
        "mode": "RGB",
        "width": rng.integers(50, 90, rows),
        "height": rng.integers(50, 90, rows),
        "bytes": rng.integers(900, 1100, rows),
        **{name: rng.normal(5, 1, rows) for name in ("sharpness", "brightness", "cell_area")},
    }
    return pd.DataFrame(plain | changed)


def in_turn(healthy: Any, sick: Any, count: int = 40) -> list[Any]:
    return [healthy, sick] * count


def test_chance_tells_nothing() -> None:
    assert tells_of(images(), CLASSES) == []
    assert tells_of(images().drop(columns="site"), CLASSES) == []


@pytest.mark.parametrize(
    ("changed", "what", "positive"),
    [
        ({"path": in_turn("a/1.jpg", "a/1.png")}, "format", {"png": 1.0}),
        ({"source": in_turn("a", "b")}, "source", {"b": 1.0}),
        ({"site": in_turn("a", "b")}, "site", {"b": 1.0}),
        ({"mode": in_turn("L", "RGB")}, "stored as", {"RGB": 1.0}),
        ({"width": in_turn(90, 40), "bytes": in_turn(9000, 4000)}, "size", None),
        ({"bytes": in_turn(500, 9000)}, "compression", None),
        ({"sharpness": in_turn(1.0, 2.0)}, "sharpness", 2.0),
        ({"brightness": in_turn(1.0, 2.0)}, "brightness", 2.0),
        ({"cell_area": in_turn(1.0, 0.7)}, "cell area", 0.7),
    ],
)
def test_what_differs_by_class_is_found(changed: Any, what: str, positive: Any) -> None:
    best = tells_of(images(**changed), CLASSES)[0]
    assert best.what == what
    assert best.share > LIMIT
    if positive is not None:
        assert best.positive == positive


def test_how_well_a_format_tells_the_classes() -> None:
    suffixes = ["jpg", "png"] * 36 + ["png", "png"] * 4  # nine of ten healthy ones are told
    (found,) = tells_of(images(path=[f"a/1.{suffix}" for suffix in suffixes]), CLASSES)
    assert found.share == pytest.approx(0.95)
    assert found.negative == {"jpg": 0.9, "png": 0.1}


def test_a_quantity_tells_by_the_distance_of_its_distributions() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(0, 1, 200) + np.tile([0, 3.0], 100)
    (found,) = tells_of(images(100, sharpness=values), CLASSES)
    expected = (1 + ks_2samp(values[::2], values[1::2]).statistic) / 2
    assert found.share == pytest.approx(expected)


def test_few_images_of_a_class_tell_nothing() -> None:
    few = images(LEAST - 1, mode=["L", "RGB"] * (LEAST - 1))
    assert tells_of(few, CLASSES) == []
    assert tells_of(images(mode="L").query("label == 'sick'"), CLASSES) == []


def test_many_values_tell_by_chance() -> None:
    assert tells_of(images(site=[f"place {at}" for at in range(80)]), CLASSES) == []
