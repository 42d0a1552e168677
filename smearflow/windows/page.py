"""Evidently's own page of a judged window."""

import warnings
from collections.abc import Sequence

import pandas as pd
from evidently import DataDefinition, Dataset, Report, Run
from evidently.presets import DataDriftPreset

from smearflow.monitoring.limits import JENSEN_SHANNON, MMD, WASSERSTEIN, Score


def compare_in_report(
    window: pd.DataFrame, reference: pd.DataFrame, scores: Sequence[Score]
) -> Run:
    """Evidently's own report of the columns, with our methods and limits as its thresholds.

    The embedding is left out: Evidently would draw it by t-SNE, which takes a minute.
    """
    columns = {score.measure.name: score for score in scores if score.measure.method != MMD}
    definition = DataDefinition(
        numerical_columns=[c for c in columns if columns[c].measure.method == WASSERSTEIN],
        categorical_columns=[c for c in columns if columns[c].measure.method == JENSEN_SHANNON],
    )
    preset = DataDriftPreset(
        columns=list(columns),
        per_column_method={name: score.measure.method for name, score in columns.items()},
        per_column_threshold={name: score.limit for name, score in columns.items()},
        drift_share=0.5 / len(columns),  # one drifted column is drift of the whole, as it is here
    )
    current, usual = (
        Dataset.from_pandas(table[list(columns)].reset_index(drop=True), data_definition=definition)
        for table in (window, reference)
    )
    with warnings.catch_warnings():  # of correlations that a single cell does not have
        warnings.simplefilter("ignore", RuntimeWarning)
        return Report([preset], include_tests=True).run(current, usual)
