"""`ttv ui` and `ttv metrics`: what goes on until it is interrupted."""

import signal
import socket
import subprocess
import sys
from typing import Annotated

import typer

from ttv_dagster.cli.console import Refused, err, out, read_settings, reporting


def ui(
    port: Annotated[int, typer.Option("--port", "-p", min=1, max=65535, help="Port of the page.")] = 3000,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; the page has no password.")] = "127.0.0.1",
) -> None:
    """Open Dagster's webserver and daemon on this installation; Ctrl-C ends both."""
    with reporting():
        from ttv_dagster.installation import Installation
        from ttv_dagster.runs.home import open_instance, prepare_home
        from ttv_dagster.runs.start import daemon_is_running, fail_dead_runs
        from ttv_dagster.tags import PARTITIONS

        settings = read_settings()
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise Refused(f"{host}:{port}: {error.strerror}; choose another with --port") from error
        prepare_home(settings)
        with open_instance(settings) as instance:
            if daemon_is_running(instance):
                err.print("Another daemon was running on this instance less than two minutes ago.")
            else:
                fail_dead_runs(instance, settings, launched=True)
            names = Installation(settings).library.live_names()
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


def metrics(
    port: Annotated[int, typer.Option("--port", "-p", min=1, max=65535, help="Port of the endpoint.")] = 9464,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; it has no password.")] = "127.0.0.1",
) -> None:
    """Serve metrics for Prometheus at /metrics; Ctrl-C ends it."""
    with reporting():
        try:
            from prometheus_client import CollectorRegistry, start_http_server
        except ImportError:
            raise Refused("metrics need prometheus-client: pip install 'ttv-dagster[metrics]'") from None
        from ttv_dagster.observability.metrics import Metrics
        from ttv_dagster.runs.home import open_instance, prepare_home

        settings = read_settings()
        prepare_home(settings)
        with open_instance(settings) as instance:
            registry = CollectorRegistry()
            registry.register(Metrics(settings, instance))
            try:
                _, serving = start_http_server(port, addr=host, registry=registry)
            except OSError as error:
                raise Refused(f"{host}:{port}: {error.strerror}; choose another with --port") from error
            out.print(f"Metrics: http://{host}:{port}/metrics", highlight=False)
            serving.join()
