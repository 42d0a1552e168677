"""What the runs of an exploration say to its seven questions."""

from smearflow.ground.record import Part, Record
from smearflow.params.model import Setting
from smearflow.records.analysis.comparison import Comparison
from smearflow.records.analysis.surface import (
    GoodValues,
    Importances,
    Interactions,
    Regulariser,
    Verdict,
)


class Failures(Part):
    """Runs that the surface leaves out: they diverged, or did no better than guessing.

    Attributes:
        runs: their number.
        lowest_rate: at which one of them diverged; None if none did.
    """

    runs: int
    lowest_rate: float | None


class Removal(Part):
    """Something that an ablation took away.

    Attributes:
        difference, needed: of the validation loss, as an `Alternative` has them; None: not known.
        n: runs.
        exercised: False where it changed no curve.
        matters: what it took away and all runs together call important.
        removable: None where nothing can be told.
    """

    experiment: str
    name: str
    difference: float | None
    needed: float | None
    n: int
    exercised: bool
    matters: tuple[str, ...]
    removable: bool | None


class Removals(Part):
    """What was taken away, in the order of the experiments."""

    rows: tuple[Removal, ...] = ()


class Overfitting(Part):
    """Whether runs overfit, and whether regularisers help.

    Attributes:
        completed, overfitted: numbers of runs.
        share: the one of the other.
        gap: validation less training loss in the best epoch of the median run, nats.
    """

    completed: int
    overfitted: int
    share: float
    gap: float
    regularisers: tuple[Regulariser, ...] = ()


class RunGradients(Part):
    """How hard training pulled at the weights of a run, and how far they moved.

    Attributes:
        run: its id.
        label: of its curve.
        gradient_norm: the largest of the whole training; None: not finite, or not measured.
        weight_change: as its `RunRecord` has it.
    """

    run: str
    settings: Setting
    label: str
    gradient_norm: float | None
    weight_change: dict[str, float | None]


class Gradients(Part):
    """Whether gradients exploded or vanished.

    Attributes:
        exploded: number of runs; diverged is a part of them.
        stagnated: number of runs that learned nothing.
        lowest_rate: of those that exploded; None if none did.
        moved: per kernel how far it moved in the median of the best runs, relative to its size.
        rows: the runs with the largest gradients, then the best ones.
    """

    exploded: int
    diverged: int
    stagnated: int
    lowest_rate: float | None
    moved: dict[str, float]
    rows: tuple[RunGradients, ...] = ()


class Converged(Part):
    """A setting that came near the lowest validation loss of all.

    Attributes:
        settings: the learning rate, and what differs from the base.
        epochs: until its mean curve got there.
        val_loss: the mean over its runs, each at its best, nats per cell.
        std: of that, over the runs; None for a single one.
        n: number of runs.
        runs: their ids.
    """

    settings: Setting
    epochs: int
    val_loss: float
    std: float | None
    n: int
    runs: tuple[str, ...]


class Convergence(Part):
    """What learns fastest.

    Attributes:
        lowest: mean validation loss of all settings, nats per cell; None if none trained.
        reached: number of settings that came near it.
        as_early: number of those that did as early as the first.
        rows: the first of them, the fewest epochs first.
    """

    lowest: float | None
    reached: int
    as_early: int
    rows: tuple[Converged, ...] = ()


class Analysis(Record):
    """What the runs say.

    Attributes:
        runs, planned, diverged: numbers of runs.
        labels: of the curve of each run, by its id.
        final_epochs: of the final training, which shorter runs say little about.
        modelled: whether enough runs trained for a surface.
        comparisons: one per experiment that compares alternatives.
        verdicts: one per parameter that experiments vary.
    """

    STAGE, NAME = "analyse", "analysis.json"

    runs: int
    planned: int
    diverged: int
    labels: dict[str, str]
    failed: Failures
    final_epochs: int
    modelled: bool
    comparisons: tuple[Comparison, ...]
    importance: Importances
    interactions: Interactions
    bounds: GoodValues
    removable: Removals
    overfitting: Overfitting
    gradients: Gradients
    convergence: Convergence
    verdicts: tuple[Verdict, ...]

    def verdict(self, name: str) -> Verdict:
        """That on a parameter that experiments vary."""
        return next(each for each in self.verdicts if each.name == name)
