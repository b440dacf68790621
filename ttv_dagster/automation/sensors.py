"""The sensors of an installation: those that its settings turn on."""

import dagster as dg

from ttv_dagster.automation.admission import Jobs
from ttv_dagster.automation.declared import make_followers
from ttv_dagster.automation.inbox.sensors import make_image_sensor, make_inbox_sensor
from ttv_dagster.automation.nightly import job as night
from ttv_dagster.automation.retries import make_retry_sensor
from ttv_dagster.automation.series import assets as series_assets
from ttv_dagster.automation.worklist_sensor import make_worklist_sensor
from ttv_dagster.settings import Settings


def make_sensors(settings: Settings, jobs: Jobs) -> list[dg.SensorDefinition]:
    """Return the sensors that this installation has turned on.

    Args:
        settings: The installation.
        jobs: What they start.
    """
    sensors = []
    if settings.inbox_url:
        sensors.append(make_inbox_sensor(settings, jobs))
    if settings.image_inbox_url:
        sensors.append(make_image_sensor(settings, jobs))
    if settings.nightly_at:
        sensors.append(make_worklist_sensor(settings, night.ORIGIN, jobs))
    if settings.series_file:
        sensors.append(make_worklist_sensor(settings, series_assets.ORIGIN, jobs))
    if sensors:
        sensors.append(make_retry_sensor(settings, jobs))
    return [*sensors, *make_followers(settings)]
