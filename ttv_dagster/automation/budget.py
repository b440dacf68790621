"""Budgets: how many seconds per day the runs of a queue may use the GPU."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg

from ttv_dagster.automation.usage import Usage
from ttv_dagster.settings import Settings

AT_ONCE = 2
"""Runs of a queue with a budget that are queued or running at once: so few may still start when it is spent."""

_IN_FLIGHT = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of one queue, today.

    Attributes:
        queue: The queue.
        limit: Seconds per day.
        spent: Seconds that its runs have run since midnight.
        resumed: The limit is lifted for today.
    """

    queue: str
    limit: float
    spent: float
    resumed: bool

    @property
    def is_spent(self) -> bool:
        """Return whether its queue has to wait."""
        return self.spent >= self.limit and not self.resumed

    def __str__(self) -> str:
        return f"{self.spent:.0f} of {self.limit:.0f} s a day are spent"


def budget_of(queue: str, settings: Settings, instance: dg.DagsterInstance) -> Budget | None:
    """Return the current budget of a queue; None if it has none."""
    limit = settings.budgets.get(queue)
    if limit is None:
        return None
    now = datetime.now(ZoneInfo(settings.time_zone))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with Usage.open(settings.automation_database) as usage:
        usage.count_runs(instance)
        spent = usage.busy_seconds(queue, since=midnight.timestamp())
        return Budget(queue, limit, spent, usage.is_resumed(queue, now.date().isoformat()))


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many runs of a queue may be asked for now.

    Attributes:
        runs: So many.
        why: Why not more, if a budget is the reason; empty otherwise.
    """

    runs: int
    why: str = ""


def allowance(queue: str, settings: Settings, instance: dg.DagsterInstance, *, maximum: int) -> Allowance:
    """Return how many runs of a queue may be asked for now.

    Args:
        queue: The queue.
        settings: The installation.
        instance: Its Dagster.
        maximum: How many runs of a queue without a budget may be queued or running at once.
    """
    in_flight = instance.get_runs_count(dg.RunsFilter(tags={"ttv/origin": queue}, statuses=_IN_FLIGHT))
    budget = budget_of(queue, settings, instance)
    if budget is None or budget.resumed:
        return Allowance(max(maximum - in_flight, 0))
    if budget.is_spent:
        return Allowance(0, f"{budget}: held until midnight, or `ttv budget resume {queue}`")
    left = max(min(maximum, AT_ONCE) - in_flight, 0)
    return Allowance(left, "" if left else f"{budget}: {in_flight} runs are queued or running, and no more at once")
