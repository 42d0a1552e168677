"""Evidently's own page of a judged window."""

import base64
import gzip
import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from evidently import DataDefinition, Dataset, Report, Run
from evidently.presets import DataDriftPreset

from smearflow.ground.files import write_bytes
from smearflow.monitoring.limits import JENSEN_SHANNON, MMD, WASSERSTEIN, Score

# Evidently's page brings its program along, 4 MB, of which a browser unpacks 1.6 MB by itself.
_PACKED = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Drift</title>
<script id="packed" type="text/plain">{packed}</script>
<script>
(async () => {
  const packed = atob(document.getElementById("packed").textContent);
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const page = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  document.write(await new Response(page).text());
  document.close();
})();
</script>
<noscript>This page is drawn by a script in it.</noscript>
</html>
"""


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


def write_packed(snapshot: Run, file: Path) -> None:
    """Write a report as a page that unpacks itself when it is opened; it needs no network."""
    page = gzip.compress(snapshot.get_html_str(as_iframe=False).encode(), mtime=0)
    write_bytes(file, _PACKED.replace("{packed}", base64.b64encode(page).decode()).encode())
