"""What the simulation of challenges says of a few and of many test patients."""

from benchmarks.power import Patients, decided
from smearflow.params.registry import RegistrySettings
from smearflow.release.promotion import Rule

OWN = RegistrySettings(share=False)
RULE = Rule(OWN.margin, OWN.least_patients, "accuracy")


def test_few_patients_tell_little() -> None:
    few = decided(Patients("few", 12, 20), 0.0, RULE, repeats=20, samples=100)
    many = decided(Patients("many", 120, 20), 0.0, RULE, repeats=20, samples=100)
    assert few["undecided"] > 10 > few["promoted"]
    assert many["promoted"] >= 19


def test_a_worse_challenger_is_not_promoted() -> None:
    assert decided(Patients("some", 60, 20), -0.04, RULE, repeats=20, samples=100)["rejected"] == 20


def test_too_few_patients_of_a_class_decide_nothing() -> None:
    answers = decided(Patients("too few", OWN.least_patients - 1, 80), 0.0, RULE, 5, 100)
    assert answers == {"undecided": 5}
