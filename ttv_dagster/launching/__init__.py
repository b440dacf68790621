"""The run launcher of `dagster.yaml`, and the reaper of what its runs leave behind.

Imports only Dagster and Docker, and nothing else of the package.
"""

from ttv_dagster.launching.router import RoutingRunLauncher

__all__ = ["RoutingRunLauncher"]
