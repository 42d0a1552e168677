"""Stages on bad input: the exit status, one clear line, and earlier results as they were."""

import pytest

from tests.bad_input import spoil
from tests.bad_input.cases import CASES, Case
from tests.bad_input.lab import Lab, run_stage


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, lab: Lab) -> None:
    case.wrong(lab)
    fails = case.happens == "error"
    before = lab.kept(without=case.stages[:-1] if fails else case.stages)
    ended = [run_stage(lab, stage) for stage in case.stages]
    lines = [line for each in ended for line in each.lines]
    assert [each.status for each in ended] == [0] * (len(ended) - 1) + [int(fails)], lines
    told = ("error: ",) if fails else ("error: ", "critical: ", "warning: ")
    assert tuple(line for line in lines if line.startswith(told)) == case.messages
    assert not any("Traceback" in line for line in lines)
    after = lab.kept()
    assert {name: after.get(name) for name in before} == before


@pytest.mark.parametrize("asked", ["--debug", "SMEARFLOW_DEBUG"])
def test_a_traceback_is_shown_to_whoever_asks_for_it(asked: str, lab: Lab) -> None:
    spoil.no_folders(lab)
    quiet = run_stage(lab, "ingest").starting("error: ")
    lab.environment |= {} if asked == "--debug" else {asked: "1"}
    loud = run_stage(lab, "ingest", *[asked] if asked == "--debug" else [])
    assert loud.status == 1
    assert "Traceback (most recent call last):" in loud.lines
    assert loud.starting("error: ") == quiet
