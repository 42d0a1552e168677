from tests.bad_input.cases import SECTIONS
from tests.bad_input.table import page
from tests.material import PROJECT

ROWS = [row for rows in SECTIONS.values() for row in rows]


def test_the_page_is_written_anew_when_a_case_changes() -> None:
    assert (PROJECT / "docs/bad_input.md").read_text() == page()


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_what_happens_is_what_the_message_says() -> None:
    for row in ROWS:
        said = row.messages[0].partition(":")[0].lower() if row.messages else "accepted"
        # make words and begins its own errors as it does
        assert row.happens.partition(":")[0] == ("error" if said.startswith("*** make") else said)
