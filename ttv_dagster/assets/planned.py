"""Plans read back from the `prompt_sets` table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg

from ttv_dagster.renders.tables import PROMPT_SETS
from ttv_dagster.shots.plan import PlannedShot, plan_shots, with_needed

if TYPE_CHECKING:
    import pandas as pd


def planned_shots(frame: "pd.DataFrame") -> list[PlannedShot]:
    """Every shot of a `prompt_sets` table with its recipe and render key."""
    return list(plan_shots(PROMPT_SETS.rows(frame)))


def wanted_shots(planned: dict[str, list[PlannedShot]], ids: Sequence[str]) -> dict[str, set[str]]:
    """The ids that this run renders, by set.

    Raises:
        dg.Failure: An id is in none of the sets.
    """
    known = {each.shot.id for shots in planned.values() for each in shots}
    if unknown := sorted(set(ids) - known):
        raise dg.Failure(
            f"no such shot: {', '.join(unknown)}; the shots are {', '.join(sorted(known)[:50])}",
            allow_retries=False,
        )
    return {
        name: with_needed(shots, set(ids)) if ids else {each.shot.id for each in shots}
        for name, shots in planned.items()
    }
