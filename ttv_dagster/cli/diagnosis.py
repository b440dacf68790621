"""`ttv doctor` and `ttv selftest`: what this machine can do."""

from dataclasses import asdict

import typer
from rich.markup import escape
from rich.table import Table

from ttv_dagster.cli.console import DONE, SOME_FAILED, JsonOption, out, print_json, read_settings, reporting


def doctor(as_json: JsonOption = False) -> None:
    """Say what this machine can do, and what to fix."""
    with reporting(as_json):
        from ttv_dagster.diagnostics.doctor import examine

        findings = examine(read_settings())
        if as_json:
            print_json({"findings": [asdict(finding) for finding in findings]})
        else:
            shown = Table("", "", "", box=None, show_header=False)
            styles = {"ok": "green", "warning": "yellow", "problem": "red"}
            for finding in findings:
                text = escape(finding.found) + (f"\n[bold]{escape(finding.fix)}[/bold]" if finding.fix else "")
                shown.add_row(finding.name, f"[{styles[finding.state]}]{finding.state}[/]", text)
            out.print(shown)
        raise typer.Exit(SOME_FAILED if any(each.state == "problem" for each in findings) else DONE)


def selftest(as_json: JsonOption = False) -> None:
    """Render a tiny clip with FastVideo, and say what is wrong where that fails."""
    with reporting(as_json):
        from ttv_dagster.diagnostics.selftest import Failure, run

        steps, failure = [], None
        for tried in run(read_settings().fastvideo):
            if isinstance(tried, Failure):
                failure = tried
            else:
                steps.append(tried)
                if not as_json:
                    out.print(f"[green]ok[/]  {escape(tried.name)}: {escape(tried.found)} ({tried.seconds:.1f} s)")
        if as_json:
            document = {"steps": [asdict(step) for step in steps], "failure": asdict(failure) if failure else None}
            print_json(document)
        elif failure:
            out.print(f"[red]failed[/]  {escape(failure.step)}: {escape(failure.error)}")
            out.print(f"{escape(failure.cause or 'no known cause')}\n[bold]{escape(failure.fix)}[/bold]")
        raise typer.Exit(SOME_FAILED if failure else DONE)
