"""The pages of a run as a reader has them: in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smearflow.report.pages import rewrite_pages
from tests.report.browser import Browser, browser_program, started
from tests.report.finished import write_run

PROGRAM = browser_program()
QUESTIONS = Path(__file__).with_name("page_questions.js").read_text()
READERS = [  # width in CSS pixels: a telephone, a window at a zoom of 200 %, a window
    (400, "light"),
    (400, "dark"),
    (600, "light"),
    (1200, "light"),
    (1200, "dark"),
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run's pages."""
    return rewrite_pages(write_run(tmp_path_factory.mktemp("run"))).parent


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert PROGRAM is not None
    with started(PROGRAM, tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.mark.parametrize("name", ["index.html", "exploration.html"])
@pytest.mark.parametrize(("width", "scheme"), READERS)
def test_everybody_can_read_a_page(
    pages: Path, browser: Browser, name: str, width: int, scheme: str
) -> None:
    looked = browser.look(pages / name, width=width, scheme=scheme, expression=QUESTIONS)
    assert looked.requests == [(pages / name).as_uri()]
    found: dict[str, Any] = looked.value
    assert found["overflow"] <= 0
    assert found["contrast"] >= 4.5  # AA of WCAG 2
    assert (found["background"] == "rgb(246, 248, 250)") is (scheme == "light")
    steps = zip(found["headings"], found["headings"][1:], strict=False)
    assert found["headings"][0] == 1
    assert all(1 < following <= level + 1 for level, following in steps)
    assert not found["silent"]
    assert not found["broken"]
    assert {"header", "nav", "main"} <= set(found["landmarks"])
    assert not looked.complaints


def test_the_three_answers_stand_on_the_first_screen(pages: Path, browser: Browser) -> None:
    looked = browser.look(pages / "index.html", width=1200, scheme="light", expression=QUESTIONS)
    assert looked.value["images"] >= 12  # cells of both classes
    assert len(looked.value["answers"]) == 3
    assert max(looked.value["answers"]) <= 800
