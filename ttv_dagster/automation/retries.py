"""Retries of runs that failed for a temporary reason, each time after a longer wait."""

import time
from datetime import UTC, datetime

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from ttv_dagster.automation.admission import AdmissionControl, Jobs
from ttv_dagster.settings import Settings
from ttv_dagster.tags import WEIGHTS

ATTEMPT_TAG = "ttv/attempt"
"""Tag of a run: how often it was tried again."""

ATTEMPTS = 3
FIRST_WAIT = 300.0
"""Seconds before the first try; each later one waits three times as long as the one before."""

EVERY_SECONDS = 60

_LOOKBACK_SECONDS = 24 * 3600.0

TEMPORARY = frozenset(
    {
        "BrokenPipeError",
        "ConnectionAbortedError",
        "ConnectionError",
        "ConnectionRefusedError",
        "ConnectionResetError",
        "ConnectTimeout",
        "EndpointConnectionError",
        "OSError",  # A full disk, a stale mount. Not its kinds that say no: a missing file, a refused permission.
        "OperationalError",
        "ReadTimeout",
        "ServerDisconnectedError",
        "SetBusyError",
        "TimeoutError",
        "WeightsMissing",  # They are pulled first, as for every run.
    }
)
"""Names of the exceptions that may be gone the next time. A wrong set, a failed shot or a refused password is none."""


def _names(error: SerializableErrorInfo | None) -> set[str]:
    names: set[str] = set()
    while error is not None:
        names.add((error.cls_name or "").rsplit(".", 1)[-1])
        error = error.cause or error.context
    return names


def may_get_better(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Return whether every step of a run that failed did so for a temporary reason."""
    records = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records
    events = [record.event_log_entry.dagster_event for record in records]
    failures = [event.step_failure_data for event in events if event is not None]
    return bool(failures) and all(_names(failure.error) & TEMPORARY for failure in failures)


def runs_to_retry(instance: dg.DagsterInstance, *, now: float) -> list[dg.RunRequest]:
    """Return the failed runs of sensors and schedules whose wait is over, and that were not run again in the meantime.

    Dagster creates one run per key, so asking twice does no harm.

    Args:
        instance: The instance.
        now: Seconds since 1970.
    """
    since = datetime.fromtimestamp(now - _LOOKBACK_SECONDS, UTC)
    newest: set[str] = set()
    requests = []
    for record in instance.get_run_records(dg.RunsFilter(updated_after=since)):
        run = record.dagster_run
        prompt_set = run.tags.get("dagster/partition")
        if prompt_set is None or prompt_set in newest:
            continue
        newest.add(prompt_set)
        attempt = int(run.tags.get(ATTEMPT_TAG, "0"))
        # A pull is asked for again by those that wait for it.
        by_itself = run.tags.get("ttv/origin", WEIGHTS) != WEIGHTS
        if run.status != dg.DagsterRunStatus.FAILURE or not by_itself or attempt >= ATTEMPTS:
            continue
        due = (record.end_time or now) + FIRST_WAIT * 3**attempt
        if now >= due and may_get_better(instance, run.run_id):
            kept = {name: value for name, value in run.tags.items() if name.startswith("ttv/") or name in _KEPT}
            tags = {**kept, ATTEMPT_TAG: str(attempt + 1)}
            requests.append(
                dg.RunRequest(run_key=f"retry:{run.run_id}", job_name=run.job_name, partition_key=prompt_set, tags=tags)
            )
    return requests


_KEPT = ("dagster/priority", "dagster/max_retries", "dagster/retry_on_asset_or_op_failure")


def make_retry_sensor(settings: Settings, jobs: Jobs) -> dg.SensorDefinition:
    """Return the sensor that retries runs."""
    weights = AdmissionControl(settings, jobs.pull.name)

    @dg.sensor(
        name="retry",
        jobs=jobs,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Retries a run that failed for a temporary reason: after 5, 15 and 45 minutes.",
    )
    def retry(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        found = runs_to_retry(context.instance, now=time.time())
        admission = weights.admit(found, maximum=len(found), instance=context.instance, log=context.log)
        requests = [*admission.pulls, *admission.runs]
        return (
            dg.SensorResult(run_requests=requests) if requests else dg.SkipReason(str(admission) or "nothing to retry")
        )

    return retry
