import pandas as pd

from smearflow.understanding.facts import Facts, Spread, facts_of

CLASSES = ("healthy", "sick")


def test_sound_images_are_counted() -> None:
    images = pd.DataFrame(
        [
            ("a/healthy/1.PNG", "healthy", None, 10, 20, "RGB", 255.0),
            ("a/healthy/2.png", "healthy", None, 12, 22, "RGB", 255.0),
            ("a/healthy/3.tif", "healthy", None, 30, 40, "I;16", 4095.0),
            ("a/healthy/4", "healthy", "damaged", 0, 0, None, None),
        ],
        columns=["path", "label", "error", "width", "height", "mode", "white"],
    )
    found = facts_of(images, pd.Series(["p", "p", "q", "r"]), CLASSES)
    assert found == Facts(
        images=3,
        damaged=1,
        classes={"healthy": 3, "sick": 0},
        groups=2,
        nameless=0,
        per_group=Spread(1, 1.5, 2),
        formats={"png": 2, "tif": 1},
        width=Spread(10, 12, 30),
        height=Spread(20, 22, 40),
        modes={("RGB", 255.0): 2, ("I;16", 4095.0): 1},
    )


def test_nothing_sound_is_nothing() -> None:
    images = pd.DataFrame(
        [("a/healthy/4.png", "healthy", "damaged", 0, 0, None, None)],
        columns=["path", "label", "error", "width", "height", "mode", "white"],
    )
    found = facts_of(images, pd.Series([None]), CLASSES)
    assert (found.images, found.damaged, found.groups) == (0, 1, 0)
    assert found.per_group is found.width is found.height is None


def test_images_without_a_group_are_counted_apart() -> None:
    images = pd.DataFrame(
        {"path": ["a/x/1.png", "a/x/2.png"], "label": "sick", "error": None}
        | {"width": 5, "height": 5, "mode": "RGB", "white": 255.0}
    )
    found = facts_of(images, pd.Series([None, "p"]), CLASSES)
    assert (found.groups, found.nameless) == (1, 1)
