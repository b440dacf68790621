"""`ttv`: the pipeline from the terminal, on the same definitions and the same instance as the UI."""

from typing import Annotated

import typer

from ttv_dagster import __version__
from ttv_dagster.cli.alerts import alerts
from ttv_dagster.cli.budget import budget
from ttv_dagster.cli.config import config
from ttv_dagster.cli.diagnosis import doctor, selftest
from ttv_dagster.cli.render import render
from ttv_dagster.cli.services import metrics, ui
from ttv_dagster.cli.sets import add, check, plan
from ttv_dagster.cli.shot import shot
from ttv_dagster.cli.weights import weights

app = typer.Typer(
    name="ttv",
    help="Prompts in, finished video out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (check, add, plan, render, shot, ui, config, doctor, selftest, metrics):
    app.command()(command)
app.add_typer(weights, name="weights")
app.add_typer(alerts, name="alerts")
app.add_typer(budget, name="budget")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"ttv {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Prompts in, finished video out."""
