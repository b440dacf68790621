"""The series as Dagster shows them: an asset each, partitioned by the day."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg

from ttv_dagster.assets.common import GROUP, OWNERS, table
from ttv_dagster.automation.clock import daily
from ttv_dagster.automation.inbox.scanner import content_digest
from ttv_dagster.automation.series.file import Series, SeriesDay, read_table
from ttv_dagster.automation.worklist import WorkItem, Worklist
from ttv_dagster.installation import Installation
from ttv_dagster.settings import Settings
from ttv_dagster.tags import PARTITIONS

ORIGIN = "series"


def _asset_name(series: Series) -> str:
    return f"series_{series.name.replace('-', '_')}"


def make_series_asset(series: Series, file: Path, settings: Settings) -> dg.AssetsDefinition:
    """Return the asset of a series: a day's partition is that day's prompt set, in the library and on the worklist."""

    @dg.asset(
        name=_asset_name(series),
        partitions_def=dg.DailyPartitionsDefinition(series.start, timezone=settings.time_zone, end_offset=1),
        group_name=GROUP,
        owners=OWNERS,
        kinds={"pandas"},
        tags={"ttv/stage": "plan"},
        description=f"The prompt set {series.name}-<day>: a shot for each row of its table on that day.",
    )
    def series_asset(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        day = SeriesDay(series, context.partition_key)
        url = os.environ.get(series.table.database) if series.table.database else None
        frame = read_table(series.table, day=day.day, folder=file.parent, database_url=url)
        intake = day.intake(frame, file=file, image_roots=settings.image_roots)
        prompt_set = intake.prompt_set
        installation = Installation(settings)
        installation.plan(prompt_set, file=day.set_name)
        added = installation.library.add(intake, f"{file}#{series.name}", replace=True)
        context.instance.add_dynamic_partitions(PARTITIONS, [day.set_name])
        key = f"{ORIGIN}:{day.set_name}:{content_digest(prompt_set)}:{context.run.run_id[:8]}"
        with Worklist.open(settings.automation_database) as worklist:
            worklist.want([WorkItem(ORIGIN, day.set_name, key, f"the series on {day.day}")])
        shots = table([{"shot": shot.id, "prompt": shot.prompt} for shot in prompt_set.shots])
        return dg.MaterializeResult(
            metadata={"set": day.set_name, "library": added, "dagster/row_count": len(prompt_set.shots), "shots": shots}
        )

    return series_asset


def make_series_schedule(series: Series, settings: Settings) -> dg.ScheduleDefinition:
    """Return the schedule of a series: it creates each day's set that day; if days were missed, only the last one."""
    name = _asset_name(series)

    @dg.schedule(
        name=f"{name}_schedule",
        target=dg.AssetSelection.assets(name),
        cron_schedule=daily(series.at),
        execution_timezone=settings.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Creates the day's prompt set of {series.name}.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        scheduled = context.scheduled_execution_time
        day = scheduled.date().isoformat()
        # Dagster tries the last five times that a schedule of partitions missed.
        if scheduled + timedelta(days=1) <= datetime.now(scheduled.tzinfo):
            return dg.SkipReason(f"{day} was missed, and a later day is due too")
        return dg.RunRequest(run_key=None, partition_key=day)

    return schedule
