"""What is asked of a flow."""

import pytest

from flows import cli
from smearflow.ground.errors import SmearflowError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a=1  b.c=2", ["a=1", "b.c=2"]),
        ('a="a cell\'s place"', ["a=a cell's place"]),
        (r"p=(?P<patient>\d+)_# q=1", [r"p=(?P<patient>\d+)_#", "q=1"]),
        ("a='[1, 2]' b=\"x y\"", ["a=[1, 2]", "b=x y"]),
        ("a={x y: 1, z: {b: 2}} b=3", ["a={x y: 1, z: {b: 2}}", "b=3"]),
        ('a={"red cell": X} b=[1, 2] c=[^_]+', ["a={red cell: X}", "b=[1, 2]", "c=[^_]+"]),
    ],
)
def test_settings_are_separated_by_spaces(text: str, expected: list[str]) -> None:
    assert cli.split_words(text) == expected


def test_a_quote_without_its_partner_is_told() -> None:
    with pytest.raises(SmearflowError, match=r"^SET has a quote .* cell's host.*; put that"):
        cli.split_words("problem.question=Is this cell's host ill?")
