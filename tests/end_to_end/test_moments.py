"""Runs are killed at places that there are: one that was renamed is found at once."""

import importlib
from functools import reduce

import pytest

from tests.end_to_end.moments import OF_DVC, OF_FLOW, Moment


@pytest.mark.parametrize("moment", [*OF_DVC, *OF_FLOW], ids=lambda moment: moment.name)
def test_the_place_of_a_moment_exists(moment: Moment) -> None:
    module, _, name = moment.place.partition(":")
    assert callable(reduce(getattr, name.split("."), importlib.import_module(module)))
