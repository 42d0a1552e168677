import pytest
from ruamel.yaml import YAML

from flows.cli import split_words
from flows.editing import with_overrides
from smearflow.intake.guess import Guess
from smearflow.intake.proposal import Proposal
from smearflow.report.proposals import as_set, told, yaml_lines
from tests.material import PROJECT

PATTERNS = (
    r"^(?P<field>(?P<patient>P\d+)_F\d+)",
    r"^(?P<patient>case \d+)",
    r"^[^/]+/(?P<patient>[^/]+)/",
    r"(?:^|[\W\d_])(?P<patient>slide-\d+)",
)


def proposal(pattern: str | None) -> Proposal:
    guess = None
    if pattern is not None:
        guess = Guess(pattern, "P1", 30, 12, 44.4, 80, 2)
    return Proposal(0, "sample", guess, "patient" if guess else "field")


@pytest.mark.parametrize("pattern", [*PATTERNS, "(?P<patient>it's #1: [a]+)", None])
def test_a_line_can_be_pasted_below_its_source(pattern: str | None) -> None:
    wanted = proposal(pattern)
    text = (PROJECT / "params.yaml").read_text()
    pasted = text.replace("    - name: sample\n", f"    - name: sample\n{yaml_lines(wanted)}\n", 1)
    for own in ("patient_pattern: null", "group: patient"):
        pasted = pasted.replace(f"      {own}", f"      # {own}", 1)
    source = YAML(typ="safe").load(pasted)["ingest"]["sources"][0]
    assert source[wanted.key] == wanted.value
    assert YAML(typ="safe").load(yaml_lines(wanted)) == {wanted.key: wanted.value}


@pytest.mark.parametrize("pattern", [*PATTERNS, None])
def test_the_same_can_be_typed_after_set(pattern: str | None) -> None:
    wanted = proposal(pattern)
    typed = as_set(wanted)
    assert typed is not None
    (override,) = split_words(typed.removeprefix('SET="').removesuffix('"'))
    settings = YAML(typ="safe").load(
        with_overrides((PROJECT / "params.yaml").read_text(), [override])
    )
    assert settings["ingest"]["sources"][0][wanted.key] == wanted.value


@pytest.mark.parametrize(
    "pattern", ["(?P<patient>it's)", "(?P<patient>a$)", "(?<![a-z])(?P<patient>a)", "a" * 90]
)
def test_what_a_shell_would_misread_or_nobody_would_type_is_not_proposed_for_it(
    pattern: str,
) -> None:
    assert as_set(proposal(pattern)) is None
    assert "SET" not in told(proposal(pattern))


def test_the_counts_are_told() -> None:
    text = told(proposal(PATTERNS[0]))
    assert [text.count(each) for each in ("30 patients", "12 to 80 cells", "44", "P1")] == [1] * 4
    assert "patients of sample" in told(proposal(None))
