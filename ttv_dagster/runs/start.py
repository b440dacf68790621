"""Runs of this instance, started from the command line: in this process, or through the daemon's queue."""

import json
import logging
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttv_dagster.runs.home import LOCATION
from ttv_dagster.settings import Settings
from ttv_dagster.storage.locks import Locks

if TYPE_CHECKING:
    import dagster as dg

HEARTBEAT_SECONDS = 75
"""A daemon writes a heartbeat every 30 seconds; one that missed two of them is not running."""

_LOCK_TAG = "ttv/process_lock"
_POLL_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job for one partition: a prompt set, or a model."""

    job: str
    partition: str
    run_config: Mapping[str, Any]

    @property
    def tags(self) -> dict[str, str]:
        """The run's tags."""
        return {"dagster/partition": self.partition}


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended."""

    run_id: str
    success: bool


OnLine = Callable[[str], None]
"""Called with each line that the run's steps log."""


def daemon_is_running(instance: "dg.DagsterInstance") -> bool:
    """Whether a daemon takes runs from this instance's queue."""
    heartbeat = instance.get_daemon_heartbeats().get("QUEUED_RUN_COORDINATOR")
    return heartbeat is not None and time.time() - heartbeat.timestamp < HEARTBEAT_SECONDS


class _Log:
    """Reads a run's log as it grows."""

    def __init__(self, instance: "dg.DagsterInstance", run_id: str, on_line: OnLine) -> None:
        self._instance = instance
        self._run_id = run_id
        self._on_line = on_line
        self._cursor: str | None = None

    def read(self) -> None:
        more = True
        while more:
            page = self._instance.get_records_for_run(self._run_id, cursor=self._cursor, limit=1000)
            for record in page.records:
                entry = record.event_log_entry
                if not entry.is_dagster_event and int(entry.level) >= logging.INFO:
                    self._on_line(entry.user_message)
            self._cursor, more = page.cursor, page.has_more


def fail_dead_runs(instance: "dg.DagsterInstance", settings: Settings, *, launched: bool = False) -> list[str]:
    """Mark runs as failed whose process died without saying so; their ids.

    Such a run would otherwise hold its prompt set in the queue for ever.

    Args:
        instance: The instance.
        settings: The installation.
        launched: Also the runs that a daemon launched: only to be asked for while none is running.
    """
    import dagster as dg

    status = dg.DagsterRunStatus
    in_progress = [status.STARTING, status.STARTED, status.CANCELING]
    dead = []
    locks = Locks(settings.locks)
    for run in instance.get_runs(dg.RunsFilter(statuses=in_progress)):
        name = run.tags.get(_LOCK_TAG)
        if name is None:
            # A daemon's run goes on when the daemon ends, and holds its set while it renders.
            held = not locks.is_free(run.tags.get("dagster/partition", "-"))
            if not launched or held:
                continue
        else:
            if locks.run_is_alive(name):
                continue
        instance.report_run_failed(run, "The process of this run died. Run it again: what it published stays.")
        dead.append(run.run_id)
    return dead


def run_here(request: JobRun, *, instance: "dg.DagsterInstance", settings: Settings, on_line: OnLine) -> RunResult:
    """Run the job in this process.

    Raises:
        KeyboardInterrupt: The run was interrupted; it is canceled then, and what it published stays.
    """
    from ttv_dagster.definitions import make_definitions

    run_id = str(uuid.uuid4())
    job = make_definitions(settings).resolve_job_def(request.job)
    log = _Log(instance, run_id, on_line)
    ended = threading.Event()

    def follow() -> None:
        while not ended.wait(_POLL_SECONDS):
            log.read()

    follower = threading.Thread(target=follow, name="follow", daemon=True)
    # Dagster's own console lines would drown the progress bar.
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with Locks(settings.locks).hold_run(run_id) as lock:
        follower.start()
        try:
            result = job.execute_in_process(
                instance=instance,
                run_config={**request.run_config, **quiet},
                run_id=run_id,
                tags={**request.tags, _LOCK_TAG: lock},
                raise_on_error=False,
            )
        finally:
            ended.set()
            follower.join()
            log.read()
    run = instance.get_run_by_id(run_id)
    if run is not None and run.tags.get("dagster/failure_reason") == "UNEXPECTED_TERMINATION":
        instance.report_run_canceled(run, "Interrupted from the terminal.")
        raise KeyboardInterrupt
    return RunResult(run_id, result.success)


def run_in_queue(request: JobRun, *, instance: "dg.DagsterInstance", on_line: OnLine) -> RunResult | None:
    """Submit the job to the daemon's queue and follow it; None where no daemon took it.

    Raises:
        KeyboardInterrupt: The run was interrupted; it is terminated then, and what it published stays.
        RuntimeError: Dagster refused the run.
    """
    import dagster as dg

    run_id = str(uuid.uuid4())
    launch = [sys.executable, "-m", "dagster", "job", "launch"]
    launch += ["-w", str(Path(os.environ["DAGSTER_HOME"]) / "workspace.yaml"), "--location", LOCATION]
    launch += ["--job", request.job, "--run-id", run_id, "--tags", json.dumps(request.tags)]
    launch += ["--config-json", json.dumps(request.run_config)]
    log = _Log(instance, run_id, on_line)
    try:
        done = subprocess.run(launch, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"Dagster refused the run: {(done.stderr or done.stdout).strip()[-2000:]}")
        while True:
            run = instance.get_run_by_id(run_id)
            log.read()
            if run is None:
                raise RuntimeError("the run was deleted while it was followed")
            if run.is_finished:
                return RunResult(run_id, run.status == dg.DagsterRunStatus.SUCCESS)
            if run.status == dg.DagsterRunStatus.QUEUED and not daemon_is_running(instance):
                instance.report_run_canceled(run, "No daemon took this run from the queue.")
                return None
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        # It may be submitted already while the command that submits it is still ending.
        run = instance.get_run_by_id(run_id)
        if run is not None and run.status == dg.DagsterRunStatus.NOT_STARTED:
            instance.report_run_canceled(run, "Interrupted from the terminal.")
        elif run is not None:
            instance.run_coordinator.cancel_run(run_id)
        raise
