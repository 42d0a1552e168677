"""What a user reads of each case, as the page docs/bad_input.md.

python -m tests.bad_input.table > docs/bad_input.md
"""

from collections.abc import Sequence

from tests.bad_input.cases import SECTIONS, Row
from tests.bad_input.layouts import LAYOUTS

HEAD = """# Bad input

What a run makes of bad input: it is *accepted*, or used or left out with a *warning*, or ends the
run with an *error*: one line that names the file or the key and the next action, and an exit status
that is not 0. After an error all earlier results are what they were: in DVC's cache, in `registry/`
and in `data/labelled/`. Correct the input and run the same command again. `--debug`, or
`SMEARFLOW_DEBUG=1` where DVC starts the stage, shows the traceback. Messages that start with
`ERROR:` are DVC's own, worded and broken into lines by DVC.

Up to 1 % of the images may be damaged (`mostly` in `expectations/manifest.json`): below, 1 file of
240 that can't be decoded is a warning, 4 are an error.

The last table has sound cells in layouts that people have: what the stage ingest says of them.
[cells.md](cells.md) has the rules.

`python -m tests.bad_input.table > docs/bad_input.md` writes this page. Tests cause every case and
hold what is printed to the messages below.
"""


def page() -> str:
    """The whole page, Markdown."""
    sections = SECTIONS | {"Sound input, unusual layout": LAYOUTS}
    return "\n".join([HEAD, *(_section(title, rows) for title, rows in sections.items())])


def _section(title: str, rows: Sequence[Row]) -> str:
    lines = [f"## {title}", "", "| case | what happens | message |", "|---|---|---|"]
    lines += [f"| {row.name} | {row.happens} | {_messages(row)} |" for row in rows]
    return "\n".join([*lines, ""])


def _messages(row: Row) -> str:
    return "<br>".join(f"`` {message} ``" for message in row.messages).replace("|", "\\|")


if __name__ == "__main__":
    print(page(), end="")
