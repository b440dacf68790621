"""The sensor that sends alerts."""

import dagster as dg

from ttv_dagster.automation.budget import budget_of
from ttv_dagster.installation import Installation
from ttv_dagster.observability.alerts import OpenIncidents, Watch, standing_incident
from ttv_dagster.observability.channels import Channels
from ttv_dagster.settings import Settings

EVERY_SECONDS = 30


def make_alerts_sensor(settings: Settings) -> dg.SensorDefinition:
    """Return the sensor that reports to the channels what began to fail, and what works again."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Sends one message when a problem begins, and one when it is over.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        channels = Channels.of(settings.alerts_urls.get_secret_value())
        watch = Watch(
            context.instance,
            tables=Installation(settings).tables,
            ui_url=settings.ui_url,
            queue_minutes=settings.alerts_queue_minutes,
        )
        with OpenIncidents.open(settings.automation_database) as problems:
            spent = [budget_of(queue, settings, context.instance) for queue in settings.budgets]
            standing = [
                standing_incident(
                    f"the budget of {budget.queue}",
                    f"ttv: the budget of {budget.queue} is spent",
                    f"{budget}. New sets wait until midnight, or `ttv budget resume {budget.queue}`.",
                )
                for budget in spent
                if budget is not None and budget.is_spent
            ]
            alert = watch.scan(problems.keys(), problems.seen_until(), standing)
            for message in alert.messages:
                accepted = channels.send(message)
                if not any(accepted):
                    # Nothing is written down, so the next scan reports it again.
                    raise RuntimeError(f"no channel of TTV_ALERTS_URLS took {message.title!r}; try `ttv alerts test`")
                for name, took in zip(channels.names(), accepted, strict=True):
                    if not took:
                        context.log.error(f"{name} did not accept {message.title!r}")
            problems.write(alert.begun, alert.over, alert.until)
        return dg.SkipReason(f"{len(alert.messages)} messages sent")

    return alerts
