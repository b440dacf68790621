"""`ttv budget`: what each queue may spend."""

from typing import Annotated

import typer

from ttv_dagster.cli.console import Refused, out, read_settings, reporting

budget = typer.Typer(help="Budgets of the queues of this installation.", no_args_is_help=True)


@budget.command("show")
def budget_show() -> None:
    """Say what each queue may spend a day, and what it has spent today."""
    with reporting():
        from ttv_dagster.automation.budget import budget_of
        from ttv_dagster.runs.home import open_instance, prepare_home

        settings = read_settings()
        if not settings.budgets:
            raise Refused("TTV_BUDGETS gives no queue a budget; it is such as 'nightly=7200 inbox=3600'")
        prepare_home(settings)
        with open_instance(settings) as instance:
            for queue in settings.budgets:
                found = budget_of(queue, settings, instance)
                held = ": spent" if found and found.is_spent else ": resumed" if found and found.resumed else ""
                out.print(f"{queue}: {found}{held}", highlight=False)


@budget.command("resume")
def budget_resume(queue: Annotated[str, typer.Argument(help="The queue, such as nightly.")]) -> None:
    """Lift the budget of a queue until midnight."""
    with reporting():
        from ttv_dagster.automation.clock import today
        from ttv_dagster.automation.usage import Usage

        settings = read_settings()
        if queue not in settings.budgets:
            raise Refused(f"{queue} has no budget; those with one: {', '.join(settings.budgets) or 'none'}")
        with Usage.open(settings.automation_database) as usage:
            usage.resume(queue, today(settings.time_zone))
        out.print(f"{queue}: resumed until midnight", highlight=False)
