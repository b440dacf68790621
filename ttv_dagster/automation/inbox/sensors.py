"""The sensors of the inboxes: prompt files, and images."""

import dagster as dg

from ttv_dagster.assets.common import PROMPT_SETS
from ttv_dagster.automation.admission import AdmissionControl, Jobs
from ttv_dagster.automation.budget import allowance
from ttv_dagster.automation.clock import today
from ttv_dagster.automation.inbox.folder import WatchedFolder
from ttv_dagster.automation.inbox.images import ImageInbox, read_template
from ttv_dagster.automation.inbox.prompt_files import Inbox
from ttv_dagster.automation.inbox.scanner import InboxBusyError, Scan
from ttv_dagster.automation.started import CONTENT_TAG, StartedRuns
from ttv_dagster.installation import Installation
from ttv_dagster.settings import Settings
from ttv_dagster.tags import INBOX_PRIORITY, automatic_tags

MAX_IN_FLIGHT = 1_000
"""Runs of an inbox that are queued or running at once; the others wait."""

EVERY_SECONDS = 5
"""Dagster's own floor."""


def make_inbox_sensor(settings: Settings, jobs: Jobs) -> dg.SensorDefinition:
    """Return the sensor that accepts what is dropped into the inbox, and renders each set of new content."""
    weights = AdmissionControl(settings, jobs.pull.name)

    @dg.sensor(
        name="inbox",
        jobs=jobs,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            f"Takes prompt files from {settings.inbox_url} into the library, and renders each to its film. What is "
            "wrong with a file is written into errors/ beside it."
        ),
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        installation = Installation(settings)
        watched = Inbox(
            WatchedFolder(settings.inbox_url),
            database=settings.automation_database,
            library=installation.library,
            deployment=installation.deployment,
            image_roots=settings.image_roots,
            log=context.log,
        )
        try:
            scan = watched.scan(StartedRuns(context.instance), weights.last)
        except InboxBusyError as busy:
            return dg.SkipReason(str(busy))
        return requests_of(scan, "inbox", settings, jobs, weights, context)

    return inbox


def make_image_sensor(settings: Settings, jobs: Jobs) -> dg.SensorDefinition:
    """Return the sensor that creates a set from the images dropped since its last scan, and renders it."""
    weights = AdmissionControl(settings, jobs.pull.name)

    @dg.sensor(
        name="image_inbox",
        jobs=jobs,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Makes the images dropped into {settings.image_inbox_url} the shots of a set, and renders it.",
    )
    def image_inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        installation = Installation(settings)
        watched = ImageInbox(
            WatchedFolder(settings.image_inbox_url),
            template=read_template(settings.image_inbox_template),
            database=settings.automation_database,
            library=installation.library,
            deployment=installation.deployment,
            log=context.log,
        )
        try:
            scan = watched.scan(StartedRuns(context.instance), day=today(settings.time_zone), last=weights.last)
        except InboxBusyError as busy:
            return dg.SkipReason(str(busy))
        return requests_of(scan, "images", settings, jobs, weights, context)

    return image_inbox


def requests_of(
    scan: Scan,
    origin: str,
    settings: Settings,
    jobs: Jobs,
    weights: AdmissionControl,
    context: dg.SensorEvaluationContext,
) -> dg.SensorResult | dg.SkipReason:
    """Return the result of a scan: the runs that Dagster does not have yet, as budget and weights allow."""
    if not scan.runs:
        return dg.SkipReason(str(scan))
    allowed = allowance(origin, settings, context.instance, maximum=MAX_IN_FLIGHT)
    # Also those that wait: they are in the library, and a person may start them.
    partitions = [PROMPT_SETS.build_add_request([run.prompt_set for run in scan.runs])]
    requests = [
        dg.RunRequest(
            run_key=run.run_key,
            job_name=jobs.render.name,
            partition_key=run.prompt_set,
            tags={**automatic_tags(origin, INBOX_PRIORITY), CONTENT_TAG: run.content},
        )
        for run in scan.runs
    ]
    admission = weights.admit(requests, maximum=allowed.runs, instance=context.instance, log=context.log)
    asked = [*admission.pulls, *admission.runs]
    said = f"{scan}; {admission}" if admission.waiting else f"{scan}; {len(scan.runs)} sets wait. {allowed.why}"
    return dg.SensorResult(
        run_requests=asked, dynamic_partitions_requests=partitions, skip_reason=None if asked else said
    )
