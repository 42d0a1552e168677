"""The page of an exploration: questions, experiments, curves."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from smearflow.experiments.plan import varied_fields
from smearflow.records.exploration import COIN
from smearflow.report.elements import Link, Section, Table
from smearflow.report.exploration.experiments import experiment_section
from smearflow.report.exploration.exploration import Exploration
from smearflow.report.exploration.parallel_coordinates import write_parallel
from smearflow.report.exploration.questions import question_sections
from smearflow.report.html import write_page
from smearflow.report.text import number
from smearflow.report.wording import CURVES

_COIN = 0.685  # nats; classes of 44 and 56 %

PAGE, PARALLEL = "exploration.html", "parallel.html"

_LEAD = (
    "{runs} short training runs on a share of the training side, to learn how to train before "
    "training in earnest. {diverged} of them diverged: training blew up.",
    "Loss says how wrong the network is on validation cells, which it does not learn from: 0 "
    "is perfect, {guess} (cross-entropy, in nats). An epoch is one pass over the training "
    "cells. A seed sets what is random in a run; runs that differ only in their seeds are "
    "repetitions, n is their number, ± their standard deviation. A difference that repetitions "
    "alone could bring is no detectable difference.",
)


def write_exploration(folder: Path, found: Exploration, pictures: Path) -> None:
    """Write exploration.html, and parallel.html that it refers to, into a folder.

    Args:
        pictures: folder of those of the exploration.
    """
    counts = found.analysis
    guess = found.runs[0].guessing.validation if found.runs else COIN.validation
    told = {"runs": counts.runs, "diverged": counts.diverged, "guess": _guess(guess)}
    write_parallel(folder / PARALLEL, found.runs, varied_fields(found.asked.experiments))
    write_page(
        folder / PAGE,
        "exploration.html.j2",
        title="What the exploration found",
        lead=[each.format(**told) for each in _LEAD],
        sections=exploration_sections(found, pictures),
    )


def _guess(loss: float) -> str:
    """What loss is worth nothing: of classes about as frequent that of a coin."""
    worth = "a coin" if loss > _COIN else "the best answer that is the same for every cell"
    return f"{loss:.2f} is {worth}"


def exploration_sections(found: Exploration, pictures: Path) -> list[Section]:
    """The sections of the page; `pictures` as for `write_exploration`."""
    comparisons = {each.name: each for each in found.analysis.comparisons}
    return [
        *question_sections(found, pictures),
        *(
            experiment_section(
                pictures,
                each,
                found.asked.words[each.name],
                comparisons.get(each.name),
                found.analysis.verdicts,
            )
            for each in found.asked.experiments
        ),
        _curves(found.analysis.labels),
    ]


def _curves(labels: Mapping[str, str]) -> Section:
    counts = Counter(label.split(" from epoch")[0] for label in labels.values())
    order = list(CURVES)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], order.index(pair[0])))
    rows = [(label, CURVES[label], number(count)) for label, count in ranked]
    columns = ("curve", "what it means", "runs")
    table = Table("The worst that is true of each run's curve.", columns, rows, columns[:2])
    sentence = (
        "TensorBoard shows every curve, every histogram of weights and, under HParams, every "
        "setting: tensorboard --logdir reports/explore/tensorboard"
    )
    link = Link("All runs, to be filtered by hand:", "parallel coordinates", "parallel.html")
    return Section("curves", "The curves of all runs", [sentence], [table], [], [link])
