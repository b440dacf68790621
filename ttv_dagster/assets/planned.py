"""Plans read back from the `prompt_sets` table."""

from typing import TYPE_CHECKING

from ttv_dagster.resources.tables import rows
from ttv_dagster.shots.plan import PlannedShot, ResolvedShot, plan_shots

if TYPE_CHECKING:
    import pandas as pd


def planned_shots(frame: "pd.DataFrame") -> list[PlannedShot]:
    """Every shot of a `prompt_sets` table with its recipe and render key."""
    return list(plan_shots(ResolvedShot.from_row(row) for row in rows(frame)))
