"""Who starts a run, and where: the run launcher of `dagster.yaml`, and the reaper of what its runs leave behind.

Knows Dagster and Docker alone, nothing of the rest of the house.
"""

from ttv_dagster.launching.router import RoutingRunLauncher

__all__ = ["RoutingRunLauncher"]
