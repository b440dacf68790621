"""Removes the containers of runs that have ended: `python -m ttv_dagster.launching.reaper`.

Docker could remove them automatically, but their last lines and exit reason would be lost.
"""

import logging
import time

import dagster as dg

from ttv_dagster.launching.containers import RunContainer
from ttv_dagster.launching.router import RoutingRunLauncher

SWEEP_SECONDS = 5
GRACE_SECONDS = 60
"""How long the container of a run that has ended may go on on its own, to free its models."""

_log = logging.getLogger("ttv.reaper")


def _outlived(instance: dg.DagsterInstance, container: RunContainer) -> bool:
    """Return whether the container's run ended some time ago, or is not known anymore."""
    record = instance.get_run_record_by_id(container.run_id)
    if record is None:
        return True
    return record.dagster_run.is_finished and time.time() - (record.end_time or 0) > GRACE_SECONDS


def _settle(instance: dg.DagsterInstance, container: RunContainer) -> str | None:
    """Handle one container; return what was done, or None."""
    if container.lives:
        if not _outlived(instance, container):
            return None
        container.stop()
        return "stopped, since its run has ended"
    # Read after the container was seen to have ended: what the run says now, it says for good.
    run = instance.get_run_by_id(container.run_id)
    if run is not None and not run.is_finished:
        if not container.has_ended:
            return None
        # The monitoring of Dagster looks after runs in progress only.
        if run.status == dg.DagsterRunStatus.STARTING:
            instance.report_run_failed(run, f"The run never started. {container.report()}")
        elif run.status == dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, f"The run was ended. {container.report()}")
        else:
            return None
    elif run is not None and container.has_ended and not container.ended_well:
        instance.report_engine_event(container.report(), run)
    container.remove()
    return "removed"


def sweep(launcher: RoutingRunLauncher, instance: dg.DagsterInstance) -> dict[str, str]:
    """Check every container of the installation once.

    A container that ended is removed once its run has ended too; if it did not end well, its reason and its last lines
    go into the run's log first. A container that is running without a living run is stopped.

    Returns:
        What was done, by the run's id.
    """
    done = {}
    for container in launcher.containers.all():
        if action := _settle(instance, container):
            done[container.run_id] = action
            _log.info("the container %s of run %s: %s", container.handle.short_id, container.run_id, action)
    return done


def main() -> None:
    """Sweep until the process ends."""
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
    _log.setLevel(logging.INFO)
    with dg.DagsterInstance.get() as instance:
        launcher = instance.run_launcher
        if not isinstance(launcher, RoutingRunLauncher):
            raise SystemExit(
                "the reaper needs run_launcher: {module: ttv_dagster.launching, class: RoutingRunLauncher}"
            )
        while True:
            sweep(launcher, instance)
            time.sleep(SWEEP_SECONDS)


if __name__ == "__main__":
    main()
