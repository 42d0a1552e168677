import pytest

from smearflow.params.model import Configuration
from smearflow.records.search.dimensions import Choice, Dimension, Interval
from smearflow.records.search.trials import AtBound
from smearflow.search.edges import at_bounds, moved

RATE = Interval(kind="float", low=1e-4, high=1e-2, sampling="log", reach=(1e-6, 1.0))
DROPOUT = Interval(kind="float", low=0.2, high=0.6, sampling="linear", reach=(0.0, 0.7))
UNITS = Interval(kind="int", low=16, high=64, sampling="log", reach=(1.0, 4096.0))


@pytest.mark.parametrize(
    ("name", "values", "best", "side", "after"),
    [
        ("learning_rate", RATE, 1e-2, "up", 0.1),
        ("learning_rate", RATE, 9.5e-3, "up", 0.1),  # all but at it
        ("learning_rate", RATE, 1e-4, "down", 1e-5),
        ("dropout", DROPOUT, 0.6, "up", 0.7),  # as far as it may
        ("dropout", DROPOUT, 0.2, "down", 0.0),
        ("hidden_units", UNITS, 64, "up", 128),
        ("dropout", DROPOUT.model_copy(update={"reach": None}), 0.6, "up", None),  # a person's own
        ("dropout", DROPOUT.model_copy(update={"reach": (0.2, 0.6)}), 0.6, "up", None),
    ],
)
def test_a_bound_moves_where_the_best_lies_at_it(
    name: str, values: Interval, best: float, side: str, after: float | None
) -> None:
    configuration = Configuration.model_validate({name: best})
    space: dict[str, Dimension] = {name: values, "augment": Choice(values=(True, False))}
    (found,) = at_bounds(configuration, space, 6, last=False)
    assert (found.side, found.after, found.trials) == (side, after, 6)
    wider = moved(space, [found])[name]
    assert isinstance(wider, Interval)
    end = wider.high if side == "up" else wider.low
    assert end == (found.before if after is None else after)
    assert type(end) is type(values.high)
    (late,) = at_bounds(configuration, space, 6, last=True)
    assert late == AtBound(name=name, side=found.side, before=found.before, after=None, trials=6)


def test_in_the_middle_there_is_nothing_to_move() -> None:
    space = {"learning_rate": RATE, "dropout": DROPOUT}
    middle = Configuration(learning_rate=1e-3, dropout=0.4)
    assert at_bounds(middle, space, 6, last=False) == []
