"""What a run means: tables of records and the answers they lead to."""

from typing import Any

import pytest

from smearflow.assessment.mistakes import Appearance, PatientMistakes
from smearflow.records.figures import Confusion, Estimate, Figures
from smearflow.records.training import Target
from smearflow.records.validation import Counts, Validation
from smearflow.report.conclusions import failures, use
from smearflow.report.conclusions.every import NEXT, first_answers
from smearflow.report.conclusions.failures import on_whom
from smearflow.report.conclusions.steps import next_steps
from smearflow.report.conclusions.use import can_use
from smearflow.report.run import Mistakes, PipelineRun
from smearflow.report.wording import advice
from tests.records.examples import CLASSES, FIGURES, MET, SPLIT, TRAINING, VERDICT
from tests.wording import named, numbers

MISSED = MET.model_copy(update={"target": 0.9, "value": 0.8, "met": False})
FAR = Target(side="test", metric="accuracy", target=0.90, value=0.95, met=True)
NEAR = FAR.model_copy(update={"target": 0.94})  # the interval of FIGURES starts at 0.93
BELOW = FAR.model_copy(update={"target": 0.99, "met": False})
DRIFT = VERDICT.model_copy(update={"verdict": "drift"})
STAND_IN = DRIFT.model_copy(update={"stand_in": True})
UNTRAINED = TRAINING.model_copy(update={"targets": (MISSED,), "diagnosis": "stagnated"})

ALIKE = (
    PatientMistakes("nih/C1", 40, 3, unusual=False),
    PatientMistakes("nih/C2", 20, 1, unusual=False),
)
WORST = (PatientMistakes("nih/C7", 40, 20, unusual=True), *ALIKE)
SHARP = Appearance("sharpness", 8.1, 9.9, unusual=False)
BLURRED = Appearance("sharpness", 8.1, 9.9, unusual=True)


def seen(*targets: Target, **changed: Any) -> Figures:
    return FIGURES.model_copy(update={"targets": targets} | changed)


def run(figures: Figures | None = None, **changed: Any) -> PipelineRun:
    usual = {"drawn": False, "split": SPLIT, "trained": TRAINING, "mistakes": Mistakes(ALIKE, ())}
    return PipelineRun(**{**usual, "figures": figures, **changed})


USABLE: dict[tuple[str, str], list[PipelineRun]] = {
    ("not trained", "care"): [run(trained=None)],
    ("not tested", "care"): [run()],
    ("missed", "bad"): [
        run(trained=UNTRAINED),
        run(seen(BELOW)),
        run(seen(FAR), trained=UNTRAINED),
        run(seen(BELOW), drawn=True),
    ],
    ("drift", "care"): [run(seen(FAR), verdict=DRIFT)],
    ("drawn", "care"): [run(seen(FAR), drawn=True)],
    ("nothing asked", "care"): [run(seen())],
    ("narrow", "care"): [run(seen(FAR, NEAR))],
    ("yes", "good"): [run(seen(FAR)), run(seen(FAR), verdict=STAND_IN)],
}


def test_whether_it_can_be_used_is_one_answer_per_case() -> None:
    found = {case: [can_use(told) for told in runs] for case, runs in USABLE.items()}
    for (_, mood), told in found.items():
        assert {answer.mood for answer in told} == {mood}
        assert len({answer.short for answer in told}) == 1
        assert all(each.endswith((".", ").")) for answer in told for each in answer.sentences)
    assert len({told[0].short for told in found.values()}) == len(found)
    first_words = {case: told[0].short.partition(" ")[0] for (case, _), told in found.items()}
    assert (first_words["yes"], first_words["missed"]) == ("Yes,", "No:")


def test_what_a_yes_rests_on_are_a_hundred_cells_of_each_class() -> None:
    first, *_ = can_use(run(seen(FAR))).sentences
    assert numbers(first) == [100, 95, 100, 5, 480, 12]
    assert named(first, *CLASSES) == ["Parasitized", "Uninfected"]


def test_a_class_without_cells_is_left_out_of_the_hundreds() -> None:
    nothing = Estimate(value=None, low=None, high=None)
    model = FIGURES.model | {"sensitivity": nothing}
    first, *_ = can_use(run(seen(FAR, model=model))).sentences
    assert numbers(first) == [100, 5, 480, 12]


def test_of_cells_without_classes_the_number_is_told() -> None:
    nothing = dict.fromkeys(FIGURES.model, Estimate(value=None, low=None, high=None))
    first, *_ = can_use(run(seen(model=nothing))).sentences
    assert numbers(first) == [480, 12]


@pytest.mark.parametrize(("value", "told"), [(1.0, 100), (0.998, 99.8), (0.994, 99)])
def test_nearly_all_are_not_called_all(value: float, told: float) -> None:
    model = FIGURES.model | {"sensitivity": Estimate(value=value, low=None, high=None)}
    assert numbers(can_use(run(seen(FAR, model=model))).sentences[0])[1] == told


def test_what_is_missed_is_told_with_its_figures() -> None:
    first, *_ = can_use(run(seen(BELOW))).sentences
    assert "accuracy" in first
    assert numbers(first) == [0.95, 0.99]


@pytest.mark.parametrize("told", [run(), run(seen(FAR), mistakes=None)])
def test_without_a_test_nobody_knows_on_whom_it_fails(told: PipelineRun) -> None:
    answer = on_whom(told)
    assert answer.short == on_whom(run()).short
    assert not numbers(" ".join([answer.short, *answer.sentences]))


@pytest.mark.parametrize(
    ("mistakes", "short", "patients", "looks"),
    [
        (Mistakes(ALIKE, ()), [24, 480], ["C1"], []),
        (Mistakes(WORST, ()), [], ["C7"], []),
        (Mistakes(ALIKE, (BLURRED,)), [24, 480], ["C1"], [8.1, 9.9]),
        (Mistakes(ALIKE, (SHARP,)), [24, 480], ["C1"], []),
    ],
)
def test_on_whom_it_fails(
    mistakes: Mistakes, short: list[float], patients: list[str], looks: list[float]
) -> None:
    answer = on_whom(run(seen(FAR), mistakes=mistakes))
    assert numbers(answer.short) == short  # how many cells, where no patient stands out
    classes, people, *appearance = answer.sentences
    assert numbers(classes) == [14, 240, 6, 10, 240, 4]  # missed, and called by mistake
    assert named(people, "C1", "C2", "C7") == patients
    assert numbers(" ".join(appearance)) == looks


def test_that_mistakes_look_like_the_others_is_told_where_it_was_measured() -> None:
    told = [
        on_whom(run(seen(FAR), mistakes=Mistakes(ALIKE, looks))).sentences
        for looks in ((), (SHARP,), (BLURRED,))
    ]
    assert [len(sentences) for sentences in told] == [2, 3, 3]
    assert told[1][2] != told[2][2]


def test_a_model_without_mistakes_fails_on_nobody() -> None:
    answer = on_whom(run(seen(FAR, confusion=Confusion(tn=240, fp=0, fn=0, tp=240))))
    assert numbers(answer.short) == [len(ALIKE)]
    (classes,) = answer.sentences
    assert numbers(classes) == [0, 240, 0, 0, 240, 0]


@pytest.mark.parametrize(("unusual", "shown", "more"), [(1, 1, []), (3, 3, []), (5, 3, [2])])
def test_a_few_patients_are_named(unusual: int, shown: int, more: list[float]) -> None:
    names = [f"C{number}" for number in range(unusual)]
    patients = tuple(PatientMistakes(name, 40, 9, unusual=True) for name in names)
    short = on_whom(run(seen(FAR), mistakes=Mistakes(patients, ()))).short
    assert named(short, *names) == names[:shown]
    assert numbers(short) == more


def checked(failed: int) -> Validation:
    return Validation(
        success=True,
        statistics=Counts(evaluated=9, failed_critical=0, failed_warning=failed),
        expectations=(),
        images=9,
        corrected=0,
        quarantined=0,
    )


GO_ON, RETRAIN = "dvc repro", "make retrain CELLS=<folder>"
PREDICT, MONITOR = "make predict IMAGES=<folder>", "make monitor INCOMING=<folder>"


@pytest.mark.parametrize(
    ("told", "commands"),
    [
        (run(trained=None), [GO_ON]),
        (run(), [GO_ON]),
        (run(checks=checked(0)), [GO_ON]),
        (run(checks=checked(2)), ["", GO_ON]),
        (run(trained=UNTRAINED), ["", RETRAIN]),
        (run(seen(BELOW)), [RETRAIN, ""]),
        (run(seen(FAR), drawn=True), ["make run PROFILE=nih", "", PREDICT, MONITOR]),
        (run(seen(FAR), verdict=STAND_IN), ["", PREDICT, MONITOR]),
        (run(seen(FAR), verdict=VERDICT), ["", PREDICT]),
        (run(seen(FAR), verdict=DRIFT), [RETRAIN, "", PREDICT]),
        (run(seen(BELOW), verdict=DRIFT), [RETRAIN, ""]),
        (run(seen(NEAR), verdict=VERDICT), ["", "", PREDICT]),
    ],
)
def test_what_comes_next(told: PipelineRun, commands: list[str]) -> None:
    steps = next_steps(told)
    assert [step.command for step in steps] == commands
    assert all(step.why.endswith(".") and not step.what.endswith(".") for step in steps)
    assert len({step.what for step in steps}) == len(steps)


def test_a_training_that_failed_is_to_be_improved_as_its_curve_says() -> None:
    assert advice("stagnated") in next_steps(run(trained=UNTRAINED))[0].what


@pytest.mark.parametrize("told", [PipelineRun(drawn=True), run(), run(seen(FAR))])
def test_each_question_has_an_answer(told: PipelineRun) -> None:
    answers = first_answers(told)
    assert [answer.question for answer in answers] == [use.QUESTION, failures.QUESTION, NEXT]
    assert all(answer.short for answer in answers)
