"""The schedules of an installation: those that its settings turn on, and the jobs that they start.

A schedule of Dagster's that missed several of its times starts once, for the last of them: a machine that was off for a
month has one night to catch up with.
"""

from dataclasses import dataclass, field

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from ttv_dagster.automation.clock import DAY_TAG, daily, weekly
from ttv_dagster.automation.nightly.job import make_nightly_job
from ttv_dagster.automation.prune import make_prune_job
from ttv_dagster.automation.series.assets import make_series_asset, make_series_schedule
from ttv_dagster.automation.series.file import read_series
from ttv_dagster.settings import Settings

Job = dg.JobDefinition | UnresolvedAssetJobDefinition


def _tags(context: dg.ScheduleEvaluationContext) -> dict[str, str]:
    # In the time zone of the schedule, so that it is the day on people's calendars.
    return {DAY_TAG: context.scheduled_execution_time.date().isoformat()}


@dataclass(frozen=True, slots=True)
class Schedules:
    """What is started by the clock."""

    assets: list[dg.AssetsDefinition] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    schedules: list[dg.ScheduleDefinition] = field(default_factory=list)

    def add(
        self, job: dg.JobDefinition | UnresolvedAssetJobDefinition, cron: str, settings: Settings, description: str
    ) -> None:
        """Start a job by the clock."""
        self.jobs.append(job)
        self.schedules.append(
            dg.ScheduleDefinition(
                name=f"{job.name}_schedule",
                job=job,
                cron_schedule=cron,
                tags_fn=_tags,
                execution_timezone=settings.time_zone,
                default_status=dg.DefaultScheduleStatus.RUNNING,
                description=description,
            )
        )


def _verify_weights() -> UnresolvedAssetJobDefinition:
    return dg.define_asset_job(
        "verify_weights",
        selection=dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey("model_weights"), "verified")),
        description="Reads the weights of every model that is pulled on this machine, and checks them.",
    )


def make_schedules(settings: Settings) -> Schedules:
    """Return the schedules that this installation has turned on."""
    made = Schedules()
    if settings.nightly_at:
        made.add(
            make_nightly_job(settings), daily(settings.nightly_at), settings, "Renders every set that is not fresh."
        )
    if settings.verify_weights_at:
        made.add(_verify_weights(), weekly(settings.verify_weights_at), settings, "Reads all weights, and checks them.")
    if settings.prune_at:
        made.add(make_prune_job(settings), daily(settings.prune_at), settings, "Deletes what is not needed anymore.")
    if settings.series_file is not None:
        for series in read_series(settings.series_file):
            made.assets.append(make_series_asset(series, settings.series_file, settings))
            made.schedules.append(make_series_schedule(series, settings))
    return made
