"""The present labels: what counts of all that was ever said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.feedback.store import fold, settle, settle_all
from smearflow.params.feedback import Rule
from smearflow.records.feedback import Agreement, HandedIn, Said, SeenCell, SiteNamed

FINE = Agreement(cells=0, share=None, p_value=None, flagged=False)


def said(*words: str) -> list[Said]:
    """`ada+` is Ada's word for positive."""
    return [Said(cell="c", label=word[-1], reviewer=word[:-1]) for word in words]


@pytest.mark.parametrize(
    ("words", "majority", "latest"),
    [
        (("ada+",), "+", "+"),
        (("ada+", "bo-"), None, "-"),
        (("ada+", "bo-", "cy+"), "+", "+"),
        (("ada+", "cy+", "bo-"), "+", "-"),  # one at odds with two others
        (("ada+", "ada+", "bo-"), None, "-"),  # saying it twice wins nothing
        (("ada+", "ada-"), "-", "-"),  # somebody who thinks again
        (("ada+", "bo-", "ada-"), "-", "-"),
    ],
)
def test_which_label_counts(words: tuple[str, ...], majority: str | None, latest: str) -> None:
    assert settle(said(*words), "majority").label == majority
    assert settle(said(*words), "latest").label == latest


def test_a_conflict_is_one_whatever_the_rule_makes_of_it() -> None:
    rules: tuple[Rule, ...] = ("majority", "latest")
    for rule in rules:
        assert settle(said("ada+", "bo-", "cy+"), rule).contested
        assert not settle(said("ada-", "ada+", "bo+"), rule).contested
    by_reviewer = settle(said("ada+", "bo-"), "majority").by_reviewer
    assert by_reviewer == {"ada": "+", "bo": "-"}


@given(st.lists(st.sampled_from(["ada+", "ada-", "bo+", "bo-", "cy+", "cy-"]), min_size=1))
def test_a_majority_does_not_depend_on_who_spoke_first(words: list[str]) -> None:
    last = {word[:-1]: word for word in words}
    forward, backward = said(*last.values()), said(*reversed(last.values()))
    assert settle(forward, "majority").label == settle(backward, "majority").label
    assert settle(said(*words), "majority").label == settle(forward, "majority").label


def handed_in(batch: str, label: str, reviewer: str, patient: str = "P1") -> HandedIn:
    return HandedIn(
        batch=batch,
        site="lab",
        at="2030-05-01T12:00:00+00:00",
        cells=(SeenCell(cell="c", path=f"{label}/c.png", patient=patient),),
        said=(Said(cell="c", label=label, reviewer=reviewer),),
        agreement=FINE.model_copy(update={"flagged": batch == "0002"}),
    )


def test_every_label_keeps_its_history_and_a_cell_its_place() -> None:
    site = SiteNamed(site="lab", pattern="(?P<patient>.)", at="2030-05-01T12:00:00+00:00")
    again = site.model_copy(update={"pattern": None})
    events: list[SiteNamed | HandedIn] = [
        site,
        handed_in("0001", "+", "ada"),
        again,
        handed_in("0002", "-", "ada", "P2"),
    ]
    store = fold(events)
    assert store.sites == {"lab": site}
    assert [each.label for each in store.said["c"]] == ["+", "-"]
    assert (store.cells["c"].batch, store.cells["c"].seen.patient) == ("0001", "P1")
    assert settle_all(store, "majority")["c"].label == "-"
    assert settle_all(fold(events[:2]), "majority")["c"].label == "+"
    assert store.flagged == ["0002"]
