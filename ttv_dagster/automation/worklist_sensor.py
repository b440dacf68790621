"""The sensor that has the worklist rendered, a few sets at a time."""

import dagster as dg

from ttv_dagster.assets.common import PROMPT_SETS
from ttv_dagster.automation.budget import allowance
from ttv_dagster.automation.night import underway
from ttv_dagster.automation.run_tags import PRIORITY_OF_NIGHT, automatic_tags
from ttv_dagster.automation.started import StartedRuns
from ttv_dagster.automation.worklist import WorkItem, Worklist
from ttv_dagster.settings import Settings

EVERY_SECONDS = 10
MOST_QUEUED = 20
"""Runs of this sensor that are queued or running at once: what people start meanwhile waits for no more than these."""


def take(worklist: Worklist, origin: str, started: StartedRuns, busy: set[str]) -> list[WorkItem]:
    """What to ask Dagster for now; what it has already is struck off.

    Args:
        worklist: What is wanted.
        origin: Whose items.
        started: The runs that Dagster has.
        busy: Sets that a run is rendering, or about to: their turn comes later.
    """
    wanted = worklist.wanted(origin)
    worklist.done([item for item in wanted[:MOST_QUEUED] if started.has_run(item.run_key)])
    return [item for item in worklist.wanted(origin) if item.prompt_set not in busy][:MOST_QUEUED]


def make_worklist_sensor(settings: Settings, origin: str, *, job: str) -> dg.SensorDefinition:
    """The sensor that starts `job` for each set that `origin` put on the worklist."""

    @dg.sensor(
        name=f"{origin}_worklist",
        job_name=job,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Has what the {origin} wants rendered, {MOST_QUEUED} sets at a time.",
    )
    def worklist_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        allowed = allowance(origin, settings, context.instance, most=MOST_QUEUED)
        with Worklist.open(settings.worklist) as worklist:
            items = take(worklist, origin, StartedRuns(context.instance), underway(context.instance))
            left = len(worklist.wanted(origin))
        items = items[: allowed.runs]
        if not items:
            return dg.SkipReason(f"{left} sets to render. {allowed.why}".strip())
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(
                    run_key=item.run_key,
                    partition_key=item.prompt_set,
                    tags={**automatic_tags(origin, PRIORITY_OF_NIGHT), "ttv/reason": item.reason},
                )
                for item in items
            ],
            dynamic_partitions_requests=[PROMPT_SETS.build_add_request([item.prompt_set for item in items])],
        )

    return worklist_sensor
