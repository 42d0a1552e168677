"""The pictures of an exploration, with their captions."""

from pathlib import Path

from smearflow.report.elements import Picture

CAPTIONS = {
    "importance": "What moves the loss. Bars: share of the differences; lines: 95 % intervals.",
    "interactions": "Each square is a pair of parameters varied together, with its p; the dark "
    "ones must be tuned together.",
    "axes": "Each dot is a run. Dotted lines: what was searched; green: good values; crosses at "
    "the upper edge: runs that diverged.",
    "gradients": "Each line is a run: its largest gradient in each epoch. A line that shoots up "
    "is a training that explodes.",
    "weights": "Weights counted by size, before training (light) and after each epoch (darker). "
    "A hump that wanders or widens is a layer that moved; one that stands still did not learn.",
    "isolation": "Large points: each alternative at its own best, with the spread of its "
    "repetitions; small ones: all other runs of it.",
    "curves": "Left: all runs, coloured by what their curves look like. Right: the best three, "
    "whatever they look like.",
}


def pictures_on(folder: Path, topic: str, name: str = "*") -> list[Picture]:
    """The pictures of a topic: one of that name, and those of its parts."""
    found = [*folder.glob(f"{topic}.png"), *folder.glob(f"{topic}_{name}.png")]
    return [Picture(path, CAPTIONS[topic]) for path in sorted(found)]
