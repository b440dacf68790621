"""`ttv`: the pipeline from the terminal, on the same definitions and the same instance as the UI."""

import signal
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ttv_dagster import __version__, shot_cli
from ttv_dagster.settings import Settings
from ttv_dagster.shown import SHOWN_SHOTS, Live, choices, show_result
from ttv_dagster.terminal import DONE, SOME_FAILED, JsonOption, err, out, results_alone_on_stdout
from ttv_dagster.terminal import Refused as _Refused
from ttv_dagster.terminal import print_json as _print_json
from ttv_dagster.terminal import read_settings as _settings
from ttv_dagster.terminal import reporting as _reporting
from ttv_dagster.weights_cli import weights

if TYPE_CHECKING:
    from ttv_dagster.resources.intake import Intake

app = typer.Typer(
    name="ttv",
    help="Prompts in, finished video out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(weights, name="weights")
app.command()(shot_cli.shot)

FileOrName = Annotated[str, typer.Argument(metavar="FILE|NAME", help="A prompt file, or a set of the library.")]
EngineOption = Annotated[
    str | None, typer.Option("--engine", "-e", help="Render every shot with this engine.", metavar="ENGINE")
]


def _looks_like_file(name: str) -> bool:
    return "/" in name or Path(name).suffix.lower() in (".yaml", ".yml", ".csv", ".jsonl", ".txt")


def _read_file(file: str, settings: Settings) -> "Intake":
    from ttv_dagster.resources.intake import read_intake

    return read_intake(Path(file), picture_roots=settings.picture_roots)


def _check_engines(intake: "Intake", file: str, settings: Settings, engine: str | None = None) -> None:
    from ttv_dagster.engines.deployment import Deployment
    from ttv_dagster.engines.resolve import plan_set

    plan_set(intake.prompt_set, file=file, deployment=Deployment.of(settings), override=engine)


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


@app.command()
def check(file: Annotated[str, typer.Argument(metavar="FILE", help="A prompt file.")]) -> None:
    """Say every mistake in a prompt file, or none. Nothing is rendered or kept."""
    with _reporting():
        settings = _settings()
        intake = _read_file(file, settings)
        _check_engines(intake, file, settings)
        shots = len(intake.prompt_set.shots)
        out.print(f"{escape(file)}: no mistakes, {shots} {'shot' if shots == 1 else 'shots'}", highlight=False)


@app.command()
def add(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A prompt file.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a set of the same name from another file.")
    ] = False,
) -> None:
    """Put a prompt set and its pictures into the library, so that the UI can render it."""
    with _reporting():
        settings = _settings()
        name, added = _add(file, settings, replace=replace)
        out.print(f"{name}: {added}. Render it with `ttv render {name}`, or in the UI.", highlight=False)


def _add(file: str, settings: Settings, *, replace: bool, engine: str | None = None) -> tuple[str, str]:
    """Check a file, put its set into the library and register its partition; its name and what was done."""
    from ttv_dagster.home import open_instance, prepare_home
    from ttv_dagster.resources.library import Library, LibraryError
    from ttv_dagster.runs import PARTITIONS

    intake = _read_file(file, settings)
    _check_engines(intake, file, settings, engine)
    name = intake.prompt_set.name
    prepare_home(settings)
    try:
        added = Library(url=settings.library).add(intake, Path(file).resolve(), replace=replace)
    except LibraryError as error:
        raise _Refused(str(error)) from error
    with open_instance(settings) as instance:
        instance.add_dynamic_partitions(PARTITIONS, [name])
    return name, added


@app.command()
def plan(file: FileOrName, engine: EngineOption = None, as_json: JsonOption = False) -> None:
    """Say what a render would do, shot by shot, and why. Nothing is written."""
    with _reporting(as_json):
        from ttv_dagster.planning import plan_actions
        from ttv_dagster.resources.library import Library, LibraryError

        settings = _settings()
        if _looks_like_file(file):
            prompt_set = _read_file(file, settings).prompt_set
        else:
            try:
                prompt_set = Library(url=settings.library).read(file)
            except LibraryError as error:
                raise _Refused(str(error)) from error
        actions = plan_actions(prompt_set, file=file, settings=settings, override=engine)
        to_render = [each.planned.shot for each in actions if each.action == "render"]
        totals = {
            "shots": len(actions),
            "render": len(to_render),
            "cached": len(actions) - len(to_render),
            "render_seconds_of_video": round(float(sum(shot.num_frames / shot.fps for shot in to_render)), 3),
        }
        if as_json:
            shots = [each.to_dict() for each in actions]
            _print_json({"set": prompt_set.name, "shots": shots, "totals": totals})
            return
        shown = Table("shot", "action", "reason", "engine", "model", "size", "frames", "fps", box=None)
        for each in sorted(actions, key=lambda each: each.action != "render")[:SHOWN_SHOTS]:
            shot = each.planned.shot
            style = "bold" if each.action == "render" else "dim"
            size, fps = f"{shot.width}x{shot.height}", f"{float(shot.fps):g}"
            cells = (shot.id, each.action, each.reason, shot.engine, shot.model or "", size, str(shot.num_frames), fps)
            shown.add_row(*(escape(cell) for cell in cells), style=style)
        out.print(shown)
        if len(actions) > SHOWN_SHOTS:
            out.print(f"and {len(actions) - SHOWN_SHOTS} more (all with --json)", style="dim")
        for line in choices(actions):
            out.print(escape(line), style="dim", highlight=False, soft_wrap=True)
        out.print(
            f"{prompt_set.name}: {totals['render']} to render, {totals['cached']} cached, "
            f"{totals['render_seconds_of_video']:g} s of video to make",
            highlight=False,
        )


@app.command()
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
    with _reporting(as_json):
        from ttv_dagster.render_set import RenderFailed, RenderRefused, render_set

        settings = _settings()
        name = _add(file, settings, replace=replace, engine=engine)[0] if _looks_like_file(file) else file
        wanted = [shot.strip() for shot in (shots or "").split(",") if shot.strip()]
        if shots is not None and not wanted:
            raise _Refused("--shots names no shot; leave it out to render them all")
        try:
            with results_alone_on_stdout(), Live(name, quiet=as_json) as live:
                result = render_set(
                    name,
                    settings=settings,
                    engine=engine,
                    shots=wanted,
                    say=live.say,
                    on_line=live.on_line,
                )
        except RenderRefused as refused:
            raise _Refused(str(refused)) from refused
        except RenderFailed as failed:
            raise _Refused(str(failed), code=SOME_FAILED) from failed
        if as_json:
            _print_json(result.to_dict())
        else:
            show_result(result)
        raise typer.Exit(SOME_FAILED if result.failed else DONE)


@app.command()
def ui(
    port: Annotated[int, typer.Option("--port", "-p", min=1, max=65535, help="Port of the page.")] = 3000,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; the page has no password.")] = "127.0.0.1",
) -> None:
    """Open Dagster's webserver and daemon on this installation; Ctrl-C ends both."""
    with _reporting():
        from ttv_dagster.home import open_instance, prepare_home
        from ttv_dagster.resources.library import Library
        from ttv_dagster.runs import PARTITIONS, daemon_is_running, fail_dead_runs

        settings = _settings()
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise _Refused(f"{host}:{port}: {error.strerror}; choose another with --port") from error
        prepare_home(settings)
        with open_instance(settings) as instance:
            if daemon_is_running(instance):
                err.print("Another daemon was running on this instance less than two minutes ago.")
            else:
                fail_dead_runs(instance, settings, launched=True)
            names = Library(url=settings.library).live_names()
            instance.add_dynamic_partitions(PARTITIONS, names)
        workspace = settings.dagster_home / "workspace.yaml"
        command = [sys.executable, "-m", "dagster", "dev", "-w", str(workspace), "-h", host, "-p", str(port)]
        out.print(f"Dagster: http://{host}:{port}/assets", highlight=False)
        # Also the interrupt: a shell starts its background jobs with that one ignored.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        # In a session of its own, so that it is asked to end once, whoever asks: a terminal, systemd or Docker.
        served = subprocess.Popen(command, start_new_session=True)
        try:
            code = served.wait()
        except KeyboardInterrupt:
            served.send_signal(signal.SIGINT)
            code = served.wait()
        finally:
            with open_instance(settings) as instance:
                instance.wipe_daemon_heartbeats()
        raise typer.Exit(code)


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Say what this machine can do, and what to fix."""
    with _reporting(as_json):
        from ttv_dagster.doctor import examine

        findings = examine(_settings())
        if as_json:
            _print_json({"findings": [asdict(finding) for finding in findings]})
        else:
            shown = Table("", "", "", box=None, show_header=False)
            styles = {"ok": "green", "warning": "yellow", "problem": "red"}
            for finding in findings:
                text = escape(finding.found) + (f"\n[bold]{escape(finding.cure)}[/bold]" if finding.cure else "")
                shown.add_row(finding.name, f"[{styles[finding.state]}]{finding.state}[/]", text)
            out.print(shown)
        raise typer.Exit(SOME_FAILED if any(each.state == "problem" for each in findings) else DONE)


@app.command()
def selftest(as_json: JsonOption = False) -> None:
    """Render a tiny clip with FastVideo, and say what is wrong where that fails."""
    with _reporting(as_json):
        from ttv_dagster.selftest import Failure, run

        steps, failure = [], None
        for tried in run(_settings().fastvideo):
            if isinstance(tried, Failure):
                failure = tried
            else:
                steps.append(tried)
                if not as_json:
                    out.print(f"[green]ok[/]  {escape(tried.name)}: {escape(tried.found)} ({tried.seconds:.1f} s)")
        if as_json:
            document = {"steps": [asdict(step) for step in steps], "failure": asdict(failure) if failure else None}
            _print_json(document)
        elif failure:
            out.print(f"[red]failed[/]  {escape(failure.step)}: {escape(failure.error)}")
            out.print(f"{escape(failure.cause or 'no known cause')}\n[bold]{escape(failure.cure)}[/bold]")
        raise typer.Exit(SOME_FAILED if failure else DONE)


alerts = typer.Typer(help="Alerts of this installation.", no_args_is_help=True)
app.add_typer(alerts, name="alerts")


@alerts.command("test")
def alerts_test() -> None:
    """Send a message to every channel of TTV_ALERTS_URLS, and say which took it."""
    with _reporting():
        from ttv_dagster.automation.channels import ChannelError, Channels, Message

        urls = _settings().alerts_urls.get_secret_value()
        if not urls:
            raise _Refused("TTV_ALERTS_URLS names no channel; it takes Apprise URLs with spaces between")
        try:
            channels = Channels.of(urls)
        except ChannelError as error:
            raise _Refused(str(error)) from error
        taken = channels.send(Message("ttv: a test", "Alerts of ttv_dagster arrive here."))
        for name, took in zip(channels.names(), taken, strict=True):
            out.print(f"{escape(name)}: {'sent' if took else 'NOT sent'}", highlight=False, soft_wrap=True)
        raise typer.Exit(DONE if all(taken) else SOME_FAILED)


budget = typer.Typer(help="Budgets of the queues of this installation.", no_args_is_help=True)
app.add_typer(budget, name="budget")


@budget.command("show")
def budget_show() -> None:
    """Say what each queue may spend a day, and what it has spent today."""
    with _reporting():
        from ttv_dagster.automation.budget import budget_of
        from ttv_dagster.home import open_instance, prepare_home

        settings = _settings()
        if not settings.budgets:
            raise _Refused("TTV_BUDGETS gives no queue a budget; it is such as 'night=7200 inbox=3600'")
        prepare_home(settings)
        with open_instance(settings) as instance:
            for queue in settings.budgets:
                found = budget_of(queue, settings, instance)
                held = ": held" if found and found.holds else ": resumed" if found and found.resumed else ""
                out.print(f"{queue}: {found}{held}", highlight=False)


@budget.command("resume")
def budget_resume(queue: Annotated[str, typer.Argument(help="The queue, such as night.")]) -> None:
    """Lift the budget of a queue until midnight."""
    with _reporting():
        from ttv_dagster.automation.clock import today
        from ttv_dagster.automation.usage import Usage

        settings = _settings()
        if queue not in settings.budgets:
            raise _Refused(f"{queue} has no budget; those with one: {', '.join(settings.budgets) or 'none'}")
        with Usage.open(settings.usage) as usage:
            usage.resume(queue, today(settings.time_zone))
        out.print(f"{queue}: resumed until midnight", highlight=False)


@app.command()
def metrics(
    port: Annotated[int, typer.Option("--port", "-p", min=1, max=65535, help="Port of the endpoint.")] = 9464,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; it has no password.")] = "127.0.0.1",
) -> None:
    """Serve metrics for Prometheus at /metrics; Ctrl-C ends it."""
    with _reporting():
        try:
            from prometheus_client import CollectorRegistry, start_http_server
        except ImportError:
            raise _Refused("metrics need prometheus-client: pip install 'ttv-dagster[metrics]'") from None
        from ttv_dagster.automation.metrics import Metrics
        from ttv_dagster.home import open_instance, prepare_home

        settings = _settings()
        prepare_home(settings)
        with open_instance(settings) as instance:
            registry = CollectorRegistry()
            registry.register(Metrics(settings, instance))
            try:
                _, serving = start_http_server(port, addr=host, registry=registry)
            except OSError as error:
                raise _Refused(f"{host}:{port}: {error.strerror}; choose another with --port") from error
            out.print(f"Metrics: http://{host}:{port}/metrics", highlight=False)
            serving.join()


def main() -> None:
    """The entry point of the `ttv` command."""
    app()


if __name__ == "__main__":
    main()
