"""`ttv config`: the settings in force."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ttv_dagster.cli.console import JsonOption, Refused, out, print_json, read_settings, reporting
from ttv_dagster.settings import Settings

WIDE = 140
"""Columns of a terminal that also shows what each setting means."""


def config(
    as_json: JsonOption = False,
    as_toml: Annotated[
        bool, typer.Option("--toml", help="Print a commented ttv.toml to start from, with every setting.")
    ] = False,
) -> None:
    """Show every setting in force, where it comes from and what it means."""
    with reporting(as_json):
        from ttv_dagster.configuration import overview

        if as_toml and as_json:
            raise Refused("--toml and --json are two formats; choose one")
        if as_toml:
            print(overview.as_toml(Settings), end="")
            return
        settings = list(overview.overview(read_settings()))
        if as_json:
            print_json({"settings": [asdict(setting) for setting in settings]})
            return
        wide = out.width >= WIDE
        shown = Table("setting", "value", "source", *(["meaning"] if wide else []), box=None)
        for each in settings:
            value = "" if each.value in (None, "", [], {}) else str(each.value)
            cells = (each.key, value, each.source, *([each.meaning] if wide else []))
            shown.add_row(*(escape(cell) for cell in cells), style="dim" if each.source == "default" else "")
        out.print(shown)
        if not wide:
            out.print("What each means: ttv config --toml", style="dim")
