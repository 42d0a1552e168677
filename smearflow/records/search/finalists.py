"""The best trials of a search again, beside the defaults: at full length, cross-validated."""

from smearflow.ground.record import Part, Record
from smearflow.params.model import Configuration


class Finalist(Part):
    """One of them.

    Attributes:
        trial_id: None: the defaults.
        losses: validation loss of the best epoch in each fold, nats per cell; None: diverged.
        mean, std: of these; None where a run diverged, the latter also where there is one seed.
        alike: whether it can't be told from the lowest.
    """

    trial_id: str | None
    configuration: Configuration
    losses: tuple[float | None, ...]
    mean: float | None
    std: float | None
    alike: bool


class Gain(Part):
    """What the winner gains over the defaults or, where these win, what the lowest trial would.

    Attributes:
        trial_id: of that trial.
        difference: of the mean validation losses, nats per cell; above 0: the trial's is lower.
        low, high: its 95 % interval, for all finalists together (Dunnett 1955, within folds); None:
            unknown.
    """

    trial_id: str
    difference: float
    low: float | None
    high: float | None


class Finalists(Record):
    """Who won, and by how much.

    Attributes:
        seeds: of the runs, one for each fold, in the order of the losses.
        epochs: of the final training, the most of each run.
        rows: the finalists in the order of the search, the defaults last.
        winner: trial id of the simplest and cheapest of those that are better than the defaults for
            sure and can't be told from the lowest; None: the defaults.
        gain: None where a run of either diverged.
    """

    STAGE, NAME = "tune", "finalists.json"

    seeds: tuple[int, ...]
    epochs: int
    rows: tuple[Finalist, ...]
    winner: str | None
    gain: Gain | None
