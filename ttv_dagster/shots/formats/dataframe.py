"""Prompt sets that are written in Python, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ttv_dagster.shots.formats.columns import Columns
from ttv_dagster.shots.formats.rows import Draft, Row, build
from ttv_dagster.shots.image_paths import ImagePaths
from ttv_dagster.shots.problems import Problems
from ttv_dagster.shots.shot import PromptSet

if TYPE_CHECKING:
    import pandas as pd


def prompt_set_from_frame(
    frame: pd.DataFrame, name: str, *, folder: Path = Path(), image_roots: Sequence[Path] = ()
) -> PromptSet:
    """Read a pandas DataFrame as if it were a CSV file: one shot per row, the same columns, and NaN is an empty cell.

    Args:
        frame: The table.
        name: Name of the set.
        folder: Where its images are; paths are relative to it.
        image_roots: Other folders that its images may be in.

    Raises:
        PromptSetError: Something is wrong with the table; it carries every problem.
    """
    problems = Problems(name)
    return build(Draft(name, _rows(frame, problems)), ImagePaths(folder, image_roots), problems)


def _rows(frame: pd.DataFrame, problems: Problems) -> Iterator[Row]:
    columns = Columns(list(frame.columns), "the columns", problems)
    cells = [
        [None if empty else _plain(cell) for cell, empty in zip(column.tolist(), column.isna(), strict=True)]
        for _, column in frame.items()
    ]
    for number, row in enumerate(zip(*cells, strict=True), 1):
        given = columns.row(row, f"row {number}")
        if given is not None:
            yield given


def _plain(cell: object) -> object:
    """Return the cell as Python's own type if numpy has wrapped it."""
    return cell.item() if isinstance(cell, np.generic) else cell
