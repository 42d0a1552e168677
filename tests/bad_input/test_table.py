from tests.bad_input.cases import SECTIONS
from tests.bad_input.layouts import LAYOUTS
from tests.bad_input.table import page
from tests.material import PROJECT

ROWS = [*(row for rows in SECTIONS.values() for row in rows), *LAYOUTS]


def test_the_page_is_written_anew_when_a_case_changes() -> None:
    assert (PROJECT / "docs/bad_input.md").read_text() == page()


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_a_layout_costs_nothing_but_what_a_warning_says() -> None:
    for layout in LAYOUTS:
        warned = any("warning: " in message for message in layout.messages)
        assert layout.happens.partition(":")[0] == ("warning" if warned else "accepted")


def test_what_happens_is_what_the_message_says() -> None:
    for row in (row for rows in SECTIONS.values() for row in rows):
        said = row.messages[0].partition(":")[0].lower() if row.messages else "accepted"
        # make words and begins its own errors as it does
        assert row.happens.partition(":")[0] == ("error" if said.startswith("*** make") else said)
