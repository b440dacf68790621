"""`ttv render`: a prompt set to its film."""

from typing import Annotated

import typer

from ttv_dagster.cli.console import (
    DONE,
    SOME_FAILED,
    JsonOption,
    Refused,
    print_json,
    read_settings,
    reporting,
    results_alone_on_stdout,
)
from ttv_dagster.cli.progress import Live, show_result
from ttv_dagster.cli.sets import EngineOption, FileOrName, add_file, looks_like_file


def render(
    file: FileOrName,
    engine: EngineOption = None,
    shots: Annotated[
        str | None,
        typer.Option("--shots", help="Render only these, and those that they continue.", metavar="ID,ID"),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a set of the same name from another file.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Render a prompt file, or a set of the library, to its film."""
    with reporting(as_json):
        from ttv_dagster.installation import Installation
        from ttv_dagster.runs.render_set import plan_library_set, render_set

        installation = Installation(read_settings())
        if looks_like_file(file):
            planned = add_file(file, installation, replace=replace, engine=engine)[0]
        else:
            planned = plan_library_set(file, installation, engine)
        wanted = [shot.strip() for shot in (shots or "").split(",") if shot.strip()]
        if shots is not None and not wanted:
            raise Refused("--shots names no shot; leave it out to render them all")
        with results_alone_on_stdout(), Live(planned.name, quiet=as_json) as live:
            result = render_set(
                planned,
                installation=installation,
                engine=engine,
                shots=wanted,
                say=live.say,
                on_line=live.on_line,
            )
        if as_json:
            print_json(result.to_dict())
        else:
            show_result(result)
        raise typer.Exit(SOME_FAILED if result.failed else DONE)
