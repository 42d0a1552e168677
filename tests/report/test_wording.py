import re

from smearflow.model import curves
from smearflow.params.model import Configuration
from smearflow.report.pictures.style import colour_of
from smearflow.report.wording import CURVES, PARAMETERS, advice


def test_every_parameter_and_every_curve_is_explained() -> None:
    assert set(PARAMETERS) == set(Configuration.model_fields)
    labels = r"^ {8}([a-z][a-z ]+?)(?: from epoch k)?:"
    documented = re.findall(labels, str(curves.diagnose.__doc__), re.MULTILINE)
    assert set(documented) - {"curve", "guessing"} == set(CURVES)


def test_every_curve_has_advice_and_a_colour_of_its_own() -> None:
    assert all(advice(kind) not in ("", kind) for kind in CURVES)
    assert advice("overfitting from epoch 3") == advice("overfitting")
    assert len({colour_of(kind) for kind in CURVES} | {colour_of("unheard of")}) == len(CURVES) + 1
