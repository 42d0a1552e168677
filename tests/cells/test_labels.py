"""Which class a label means."""

import pytest

from smearflow.cells.labels import Labels
from smearflow.ground.errors import SmearflowError

SPECIES = Labels(
    ("Uninfected", "falciparum or vivax"),
    (("Uninfected", "0"), ("falciparum", "vivax")),
    {"ring": "falciparum or vivax", "unsure": None},
)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Uninfected", "Uninfected"),
        ("UNINFECTED ", "Uninfected"),
        ("0", "Uninfected"),
        ("vivax", "falciparum or vivax"),
        ("falciparum or vivax", "falciparum or vivax"),
        ("Ring", "falciparum or vivax"),
        ("unsure", None),
    ],
)
def test_a_label_and_its_class(label: str, expected: str | None) -> None:
    assert SPECIES.knows(label)
    assert SPECIES.class_of(label) == expected


@pytest.mark.parametrize("label", ["leukocyte", "", "uninfecte"])
def test_a_label_of_no_class(label: str) -> None:
    assert not SPECIES.knows(label)
    with pytest.raises(SmearflowError, match="neither falciparum or vivax nor Uninfected"):
        SPECIES.class_of(label)


def test_classes_that_only_their_case_tells_apart() -> None:
    labels = Labels.named(("a", "A"))
    assert (labels.class_of("a"), labels.class_of("A")) == ("a", "A")
    assert not labels.knows(" a")
