"""The sensor that has the worklist rendered, a few sets at a time."""

from collections.abc import Collection

import dagster as dg

from ttv_dagster.assets.common import PROMPT_SETS
from ttv_dagster.automation.admission import AdmissionControl, Jobs
from ttv_dagster.automation.budget import allowance
from ttv_dagster.automation.nightly.job import underway
from ttv_dagster.automation.started import StartedRuns
from ttv_dagster.automation.worklist import WorkItem, Worklist
from ttv_dagster.settings import Settings
from ttv_dagster.tags import NIGHTLY_PRIORITY, automatic_tags

EVERY_SECONDS = 10
MAX_QUEUED = 20
"""Runs of this sensor that are queued or running at once: what people start meanwhile waits for no more than these."""


def unstarted(
    worklist: Worklist, origin: str, started: StartedRuns, busy: set[str], held: Collection[str]
) -> list[WorkItem]:
    """Return what Dagster does not have yet, oldest first; what it has is removed.

    Args:
        worklist: The requested runs.
        origin: Whose items.
        started: The runs that Dagster has.
        busy: Sets that a run is rendering, or about to: their turn comes later.
        held: Keys of those that Dagster was not asked for at the last admission.
    """
    asked = [item for item in worklist.wanted(origin) if item.run_key not in held][:MAX_QUEUED]
    worklist.done([item for item in asked if started.has_run(item.run_key)])
    return [item for item in worklist.wanted(origin) if item.prompt_set not in busy]


def make_worklist_sensor(settings: Settings, origin: str, jobs: Jobs) -> dg.SensorDefinition:
    """Return the sensor that renders each set that `origin` put on the worklist."""
    weights = AdmissionControl(settings, jobs.pull.name)

    @dg.sensor(
        name=f"{origin}_runs",
        jobs=jobs,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Has what the {origin} wants rendered, {MAX_QUEUED} sets at a time.",
    )
    def worklist_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        allowed = allowance(origin, settings, context.instance, maximum=MAX_QUEUED)
        with Worklist.open(settings.automation_database) as worklist:
            items = unstarted(
                worklist, origin, StartedRuns(context.instance), underway(context.instance), weights.last.waiting
            )
            left = len(worklist.wanted(origin))
        requests = [
            dg.RunRequest(
                run_key=item.run_key,
                job_name=jobs.render.name,
                partition_key=item.prompt_set,
                tags={**automatic_tags(origin, NIGHTLY_PRIORITY), "ttv/reason": item.reason},
            )
            for item in items
        ]
        admission = weights.admit(requests, maximum=allowed.runs, instance=context.instance, log=context.log)
        if not (admission.pulls or admission.runs):
            return dg.SkipReason(" ".join(filter(None, [f"{left} sets to render.", allowed.why, str(admission)])))
        return dg.SensorResult(
            run_requests=[*admission.pulls, *admission.runs],
            dynamic_partitions_requests=[
                PROMPT_SETS.build_add_request([str(run.partition_key) for run in admission.runs])
            ],
        )

    return worklist_sensor
