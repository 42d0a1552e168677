import numpy as np
import pandas as pd

from smearflow.understanding.sides import (
    Exclusive,
    Part,
    SideParts,
    exclusive_of,
    lookalikes,
    sides_of,
)

CLASSES = ("healthy", "sick")


def test_sides_are_counted_class_by_class() -> None:
    table = pd.DataFrame({"target": [0, 0, 1, 0], "patient": ["a", "a", "a", "b"]})
    (side,) = sides_of({"test": table})
    assert side == SideParts("test", Part(4, 2), (Part(3, 2), Part(1, 1)))


def test_groups_of_one_class_are_told_apart() -> None:
    labels = pd.Series(["healthy", "sick", "sick", "healthy", "healthy", "sick"])
    groups = pd.Series(["both", "both", "sick", "healthy", "healthy", None])
    assert exclusive_of(labels, groups, CLASSES) == Exclusive(1, 1, 1)
    nobody = pd.Series([None] * 6, dtype=object)
    assert exclusive_of(labels, nobody, CLASSES) == Exclusive(0, 0, 0)


def test_a_cell_that_looks_like_one_of_another_group_is_told() -> None:
    rng = np.random.default_rng(1)
    hashes = [f"{int.from_bytes(rng.bytes(32)):064x}" for _ in range(3)]
    images = pd.DataFrame(
        {
            "cell_id": list("abcdef"),
            "label": ["sick", "healthy", "sick", "sick", "sick", "sick"],
            # b is a, e is d of the same patient, f is c of nobody
            "appearance": [hashes[0], hashes[0], hashes[1], hashes[2], hashes[2], hashes[1]],
        },
        index=range(5, 11),
    )
    groups = pd.Series(["p", "q", "p", "q", "q", None], index=images.index)
    found = lookalikes(images, groups)
    assert found.to_dict("list") == {
        "cell": ["a", "b"],
        "like": ["b", "a"],
        "other_label": [True, True],
    }
    assert lookalikes(images.iloc[:0], groups).empty
