from typing import Any

import pytest

from smearflow.analysis.comparison import compare_alternatives
from smearflow.report.exploration.comparisons import answer_of
from tests.analysis.records import BASE, experiment, records, table
from tests.analysis.test_comparison import HOPELESS, USUAL, Losses


def told(losses: Losses, **values: Any) -> str:
    question = experiment(**values)
    runs = records([question], table(losses, "optimizer", "learning_rate"))
    return answer_of(compare_alternatives(question, runs, BASE))


@pytest.mark.parametrize(
    ("losses", "phrase"),
    [
        (
            {},
            "Lowest validation loss: adam at learning rate 0.0002, 0.1100 ± 0.0141 (2 runs). "
            "Detectably worse: sgd.",
        ),
        ({("sgd", 0.003): [0.11, 0.14]}, "No detectable difference: sgd (0.0150 higher, 0.0"),
        ({("sgd", 0.003): [None, 0.1], ("sgd", 0.0002): [None, None]}, "Nothing else trained"),
        (HOPELESS, "No answer: every setting diverged"),
    ],
)
def test_honest_answers(losses: Losses, phrase: str) -> None:
    assert phrase in told(USUAL | losses)


def test_one_seed_tells_no_difference() -> None:
    assert "no difference can be told" in told(USUAL, seeds=[1])
