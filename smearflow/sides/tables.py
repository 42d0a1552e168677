"""Tables as Parquet files."""

from pathlib import Path

import pandas as pd


def write_table(table: pd.DataFrame, file: Path) -> None:
    """Write a table; the same table gives the same bytes."""
    table.to_parquet(file, index=False, compression="zstd")


def read_table(file: Path) -> pd.DataFrame:
    """Read a table that `write_table` wrote."""
    return pd.read_parquet(file)
