"""What a cross-validation came to, from its predictions."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from smearflow.assessment.bootstrap import INTERVAL, patient_bootstrap
from smearflow.assessment.company import company_figures
from smearflow.assessment.patients import patient_figures
from smearflow.assessment.prior_shift import in_company
from smearflow.evaluation.metrics import METRICS
from smearflow.params.crossval import Crossval
from smearflow.params.evaluate import Evaluate
from smearflow.records.crossval import CrossvalFigures, Fold, SeedFigures, Spread
from smearflow.records.figures import InCompany
from smearflow.studies.crossval import fold_table
from smearflow.studies.label_errors import label_noise

THRESHOLD = 0.5  # no fold has validation patients to choose another on


def crossval_figures(
    by_seed: Mapping[int, pd.DataFrame], settings: Crossval, bootstrap: Evaluate
) -> CrossvalFigures:
    """The figures of predictions that are those of `cross_validate`, by seed of the training.

    Args:
        bootstrap: for its number of resamples and their seed.
    """
    seeds = tuple(_of_seed(seed, found, bootstrap) for seed, found in by_seed.items())
    together = mean_over_seeds(by_seed)
    return CrossvalFigures(
        configuration=settings.configuration,
        fold_seed=settings.seed,
        threshold=THRESHOLD,
        interval=INTERVAL,
        seeds=seeds,
        spread=_spreads(seeds),
        labels=label_noise(together["target"], together["probability"]),
    )


def mean_over_seeds(by_seed: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """A row per cell as of one seed, with the mean of the probabilities of all seeds."""
    tables = list(by_seed.values())
    means = np.mean([table["probability"] for table in tables], axis=0)
    return tables[0].assign(probability=means)


def _of_seed(seed: int, found: pd.DataFrame, bootstrap: Evaluate) -> SeedFigures:
    cells = (found["target"], found["probability"], found["patient"], THRESHOLD)
    estimates = patient_bootstrap(*cells, bootstrap.bootstrap_samples, bootstrap.seed)
    return SeedFigures(
        seed=seed,
        folds=tuple(Fold.model_validate(row) for row in fold_table(found).to_dict("records")),
        pooled={name: estimates[name] for name in METRICS},
        by_patient=patient_figures(*cells),
        in_company=_in_company(found, bootstrap),
    )


def _in_company(found: pd.DataFrame, bootstrap: Evaluate) -> InCompany:
    """Each fold's cells with the share of positive cells that its network learned from."""
    together = np.empty(len(found))
    for fold in found["fold"].unique():
        own = (found["fold"] == fold).to_numpy()
        cells = found[own]
        together[own] = in_company(
            cells["probability"], cells["patient"], float(found.loc[~own, "target"].mean())
        )
    return company_figures(
        found["target"],
        together,
        found["patient"],
        THRESHOLD,
        usual_share=float(found["target"].mean()),
        samples=bootstrap.bootstrap_samples,
        seed=bootstrap.seed,
    )


def _spreads(seeds: Sequence[SeedFigures]) -> dict[str, Spread]:
    found = {name: _spread([each.pooled[name].value for each in seeds]) for name in METRICS}
    return found | {
        "mean_over_patients": _spread([each.by_patient.mean for each in seeds]),
        "worst_tenth": _spread([each.by_patient.worst_tenth for each in seeds]),
    }


def _spread(values: Sequence[float | None]) -> Spread:
    known = [value for value in values if value is not None]
    return Spread(
        mean=float(np.mean(known)) if known else None,
        std=float(np.std(known, ddof=1)) if len(known) > 1 else None,
    )
