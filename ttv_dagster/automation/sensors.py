"""The sensors of an installation: those that its settings turn on."""

import dagster as dg

from ttv_dagster.automation.inbox_sensor import make_inbox_sensor
from ttv_dagster.settings import Settings


def make_sensors(settings: Settings, *, render_job: str) -> list[dg.SensorDefinition]:
    """The sensors that this installation has turned on.

    Args:
        settings: The installation.
        render_job: Name of the job that renders a set to its film.
    """
    return [make_inbox_sensor(settings, job=render_job)] if settings.inbox_url else []
