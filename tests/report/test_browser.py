"""The pages of a run as a reader has them: in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from smearflow.report.pages import rewrite_pages
from smearflow.windows.page import write_packed
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


@pytest.mark.parametrize("name", ["index.html", "exploration.html", "parallel.html"])
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
    assert {"header", "main"} <= set(found["landmarks"])
    assert ("nav" in found["landmarks"]) is (name != "parallel.html")  # that is one picture
    assert not looked.complaints


def test_the_three_answers_stand_on_the_first_screen(pages: Path, browser: Browser) -> None:
    looked = browser.look(pages / "index.html", width=1200, scheme="light", expression=QUESTIONS)
    assert looked.value["images"] >= 12  # cells of both classes
    assert len(looked.value["answers"]) == 3
    assert max(looked.value["answers"]) <= 800


BOXES = """[...document.querySelectorAll("#runs %s")].map((each) => {
  const box = each.getBoundingClientRect();
  return [box.left + box.width / 2, box.top, box.height];
})"""
KEPT = 'document.querySelectorAll("#runs .line:not(.out)").length'
FIRST = """[...document.querySelectorAll("#runs .name")]
  .sort((one, other) => one.getBoundingClientRect().left - other.getBoundingClientRect().left)
  .map((each) => each.textContent)[0]"""
ON_A_LINE = """(() => {
  const line = document.querySelector("#runs .line");
  const box = line.ownerSVGElement.getBoundingClientRect();
  const place = line.getPointAtLength(5);
  return [place.x + box.left, place.y + box.top];
})()"""


def test_parallel_coordinates_are_sifted_and_sorted_and_read_by_hand(
    pages: Path, browser: Browser
) -> None:
    page = pages / "parallel.html"
    every = browser.look(page, width=1200, scheme="light", expression=KEPT).value
    assert every > 2
    x, top, height = browser.ask(BOXES % ".grip")[-1]  # of the loss
    browser.drag((x, top + height), (x, top + height / 4))
    assert 0 < browser.ask(KEPT) < every
    browser.drag((x, top + height / 2), (x, top + height / 2))
    assert browser.ask(KEPT) == every
    (first, *_), (*_, last) = browser.ask(BOXES % ".name"), browser.ask(BOXES % ".name")
    before = browser.ask(FIRST)
    browser.drag((first[0], first[1] + first[2] / 2), (last[0], last[1] + last[2] / 2))
    assert browser.ask(FIRST) != before
    browser.point(*browser.ask(ON_A_LINE))
    assert "validation loss" in browser.ask('document.getElementById("read").textContent')


UNPACKED = """new Promise((done) => {
  const look = () => document.getElementById("root")?.textContent
    ? done(document.getElementById("root").textContent)
    : requestAnimationFrame(look);
  look();
})"""


def test_a_packed_page_unpacks_itself_and_runs_its_scripts(
    tmp_path: Path, browser: Browser
) -> None:
    script = "<script>document.getElementById('root').textContent = `a${1 + 1}µ`</script>"
    page = f'<!doctype html><meta charset="utf-8"><p id="root"></p>{script}'
    snapshot = SimpleNamespace(get_html_str=lambda **_: page)
    write_packed(cast(Any, snapshot), tmp_path / "drift.html")
    file = tmp_path / "drift.html"
    looked = browser.look(file, width=1200, scheme="light", expression=UNPACKED)
    assert looked.value == "a2µ"
    assert looked.requests == [file.as_uri()]
    assert not looked.complaints
