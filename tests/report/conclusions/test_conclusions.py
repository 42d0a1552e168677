"""What a run means: tables of records and the answers they lead to."""

from typing import Any

import pytest

from smearflow.assessment.mistakes import Appearance, PatientMistakes
from smearflow.records.figures import Confusion, Estimate, Figures
from smearflow.records.training import Target
from smearflow.records.validation import Counts, Validation
from smearflow.report.conclusions.every import first_answers
from smearflow.report.conclusions.failures import on_whom
from smearflow.report.conclusions.steps import next_steps
from smearflow.report.conclusions.use import can_use
from smearflow.report.run import Mistakes, PipelineRun
from tests.records.examples import FIGURES, MET, SPLIT, TRAINING, VERDICT

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


@pytest.mark.parametrize(
    ("told", "short", "mood"),
    [
        (run(trained=None), "Not yet", "care"),
        (run(trained=UNTRAINED), "No: it misses what was asked", "bad"),
        (run(), "Not known yet", "care"),
        (run(seen(BELOW)), "No: it misses what was asked", "bad"),
        (run(seen(FAR), trained=UNTRAINED), "No: it misses what was asked", "bad"),
        (run(seen(BELOW), drawn=True), "No: it misses what was asked", "bad"),
        (run(seen(FAR), verdict=DRIFT), "Not on the newest images", "care"),
        (run(seen(FAR), verdict=STAND_IN), "Yes, for cells like these", "good"),
        (run(seen(FAR), drawn=True), "Not on real blood yet", "care"),
        (run(seen()), "You decide: no target was set", "care"),
        (run(seen(FAR, NEAR)), "Probably, by a narrow margin", "care"),
        (run(seen(FAR)), "Yes, for cells like these", "good"),
    ],
)
def test_whether_it_can_be_used(told: PipelineRun, short: str, mood: str) -> None:
    answer = can_use(told)
    assert (answer.short, answer.mood) == (short, mood)
    assert all(sentence.endswith((".", ").")) for sentence in answer.sentences)


def test_what_a_yes_rests_on_are_a_hundred_cells_of_each_class() -> None:
    first, *_ = can_use(run(seen(FAR))).sentences
    assert first == (
        "Of 100 Parasitized cells it finds 95, of 100 Uninfected ones it calls 5 Parasitized by "
        "mistake (480 cells of 12 patients it had never seen)."
    )


def test_a_class_without_cells_is_left_out_of_the_hundreds() -> None:
    nothing = Estimate(value=None, low=None, high=None)
    model = FIGURES.model | {"sensitivity": nothing}
    first, *_ = can_use(run(seen(FAR, model=model))).sentences
    assert first.startswith("Of 100 Uninfected ones it calls 5")


def test_of_cells_without_classes_the_number_is_told() -> None:
    nothing = dict.fromkeys(FIGURES.model, Estimate(value=None, low=None, high=None))
    first, *_ = can_use(run(seen(model=nothing))).sentences
    assert first == "It was tested on 480 cells of 12 patients it had never seen."


@pytest.mark.parametrize(("value", "told"), [(1.0, "100"), (0.998, "99.8"), (0.994, "99")])
def test_nearly_all_are_not_called_all(value: float, told: str) -> None:
    model = FIGURES.model | {"sensitivity": Estimate(value=value, low=None, high=None)}
    assert f"it finds {told}, " in can_use(run(seen(FAR, model=model))).sentences[0]


def test_what_is_missed_is_told_with_its_figures() -> None:
    assert can_use(run(seen(BELOW))).sentences[0] == ("Test accuracy is 0.9500, wanted 0.9900.")


@pytest.mark.parametrize(
    ("told", "short", "words"),
    [
        (run(), "Not known yet", "No test patient"),
        (run(seen(FAR), mistakes=None), "Not known yet", "No test patient"),
        (run(seen(FAR)), "On 24 of 480 cells; no patient stands out", "the worst, C1, has 8%"),
        (run(seen(FAR), mistakes=Mistakes(WORST, ())), "On C7 above all", "C7, 20 of 40 cells"),
        (
            run(seen(FAR), mistakes=Mistakes(ALIKE, (BLURRED,))),
            "On 24 of 480 cells; no patient stands out",
            "are less sharp (8.10, usually 9.90)",
        ),
        (
            run(seen(FAR), mistakes=Mistakes(ALIKE, (SHARP,))),
            "On 24 of 480 cells; no patient stands out",
            "are like the others",
        ),
        (
            run(seen(FAR, confusion=Confusion(tn=240, fp=0, fn=0, tp=240))),
            "On nobody of 2 patients",
            "misses 0 of 240 (0%) Parasitized cells",
        ),
    ],
)
def test_on_whom_it_fails(told: PipelineRun, short: str, words: str) -> None:
    answer = on_whom(told)
    assert answer.short == short
    assert words in " ".join(answer.sentences)


@pytest.mark.parametrize(
    ("unusual", "named"), [(1, "C0"), (3, "C0, C1 and C2"), (5, "C0, C1, C2 and 2 more")]
)
def test_a_few_patients_are_named(unusual: int, named: str) -> None:
    patients = [PatientMistakes(f"C{i}", 40, 9, unusual=True) for i in range(unusual)]
    told = run(seen(FAR), mistakes=Mistakes(tuple(patients), ()))
    assert on_whom(told).short == f"On {named} above all"


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
    assert "raise the learning rate" in next_steps(run(trained=UNTRAINED))[0].what


@pytest.mark.parametrize("told", [PipelineRun(drawn=True), run(), run(seen(FAR))])
def test_each_question_has_an_answer(told: PipelineRun) -> None:
    assert [answer.question for answer in first_answers(told)] == [
        "Can I use it?",
        "On whom does it fail?",
        "What should I do next?",
    ]
    assert all(answer.short for answer in first_answers(told))
