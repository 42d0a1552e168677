"""The loop after a release, step by step, as a user would type it, with a timeline.

    python -m benchmarks.loop
    python -m benchmarks.loop --kind blur --labels 100

After `make run`, in the clone: a healthy window of rendered cells; one of another kind, which
should alert; a queue of its cells for people, which the renderer answers with what it drew; a
retraining; where the rule leaves the challenger undecided, a person's approval; another healthy
window, and another one of that kind, which should not alert any more. `smearflow history` tells the
same, the Prefect UI shows the flows (`make ui`).
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import get_args

import pandas as pd

from benchmarks.tables import markdown
from smearflow.ground.errors import SmearflowError
from smearflow.params.whole import load_params
from smearflow.sample.patients import Kind
from smearflow.sample.writing import Order, write_batch

SITE, PATTERN = "second", r"(?P<patient>C\d+)P\d+"


class Timeline:
    """What was done, when, and what came out.

    Attributes:
        lines: a row of the table each: minutes since the start, what was done, what it led to.
    """

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self.lines: list[tuple[str, str, str]] = []

    def note(self, done: str, found: str) -> None:
        """Add a row, and print it."""
        minutes, seconds = divmod(round(time.perf_counter() - self._started), 60)
        self.lines.append((f"{minutes}:{seconds:02d}", done, found))
        print(" | ".join(self.lines[-1]), flush=True)

    def table(self) -> str:
        """Markdown."""
        return markdown(("time", "what is done", "what comes out"), self.lines)


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    kinds = [kind for kind in get_args(Kind) if kind != "plain"]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop", description=__doc__)
    parser.add_argument("--kind", choices=kinds, default="stain", help="of the second site's cells")
    parser.add_argument("--labels", type=int, default=200, help="cells that people label")
    parser.add_argument("--tests", type=int, default=80, help="cells they label to test by")
    parser.add_argument("--patients", type=int, default=40, help="of a window")
    parser.add_argument("--cells", type=int, default=800, help="of a window")
    options = parser.parse_args(arguments)
    timeline = Timeline()
    with tempfile.TemporaryDirectory() as name:
        try:
            _loop(timeline, Path(name), options)
        except (SmearflowError, OSError) as error:
            sys.exit(f"error: {error}")
    print(f"\n{timeline.table()}", flush=True)


def _loop(timeline: Timeline, work: Path, options: argparse.Namespace) -> None:
    kinds: tuple[Kind, ...] = ("plain", options.kind)
    first = {kind: _window(work / kind, kind, n, options) for n, kind in enumerate(kinds, 901)}
    for kind, window in first.items():
        timeline.note(f"a window of {kind} cells", _verdict(window))
    for to, budget in (((), options.labels), (("--test",), options.tests)):
        queue = _smearflow(
            "feedback", "queue", "--incoming", first[options.kind], "--site", SITE,
            "--pattern", PATTERN, "--budget", budget, *to,
        )  # fmt: skip
        table = Path(queue.rpartition("fill in ")[2].strip())
        what = "to test by" if to else "to learn from"
        timeline.note(f"people are asked about cells {what}", queue.strip().partition(":")[0])
        answer(table, options.kind)
        said = _smearflow("feedback", "add", "--site", SITE, "--pattern", PATTERN, table)
        timeline.note("they answer", row(said, "site"))
    decision = _smearflow("retrain")
    timeline.note("a retraining", row(decision, "champion"))
    challenger = re.search(r"approve ([0-9a-f]{16})", decision)
    if challenger:
        told = ("--by", "the benchmark", "--reason", "the loop goes on")
        approved = _smearflow("approve", *told, challenger[1])
        timeline.note("a person approves", approved.strip().splitlines()[0])
    for n, kind in enumerate(kinds, 903):
        window = _window(work / f"{kind} later", kind, n, options)
        timeline.note(f"a further window of {kind} cells", _verdict(window))


def _window(folder: Path, kind: Kind, number: int, options: argparse.Namespace) -> Path:
    write_batch(folder, kind, number, patients=options.patients, cells=options.cells, seed=_seed())
    return folder


def _seed() -> int:
    return load_params(Path("params.yaml")).ingest.sources[0].seed


def answer(table: Path, kind: Kind) -> None:
    """Fill in a queue's table with what was drawn."""
    (negative, positive), seed = load_params(Path("params.yaml")).problem.classes, _seed()
    rows = pd.read_csv(table, dtype=str, keep_default_na=False)
    drawn = [Order.of(file, seed, kind) for file in rows["file"]]
    rows["label"] = [positive if each.infected else negative for each in drawn]
    rows["reviewer"] = "the renderer"
    rows.to_csv(table, index=False)


def _verdict(window: Path) -> str:
    return row(_smearflow("monitor", "--incoming", window), "verdict")


def row(text: str, name: str) -> str:
    """A row of what a verb prints, and what follows it up to the next row."""
    found = re.search(rf"^  {name} +(.*(?:\n {{4,}}.*)*)", text, re.MULTILINE)
    return " ".join(found[1].split()) if found else text.strip().splitlines()[-1]


def _smearflow(*words: object) -> str:
    """What a verb prints.

    Raises:
        SmearflowError: it failed.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "flows.program", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise SmearflowError(
            f"smearflow {words[0]} failed: {ran.stderr.strip().splitlines()[-1]}",
            "do what it says, and begin again",
        )
    return ran.stdout


if __name__ == "__main__":
    main()
