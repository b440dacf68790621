"""`ttv alerts`: messages about what happens here."""

import typer
from rich.markup import escape

from ttv_dagster.cli.console import DONE, SOME_FAILED, Refused, out, read_settings, reporting

alerts = typer.Typer(help="Alerts of this installation.", no_args_is_help=True)


@alerts.command("test")
def alerts_test() -> None:
    """Send a message to every channel of TTV_ALERTS_URLS, and say which took it."""
    with reporting():
        from ttv_dagster.observability.channels import Channels, Message

        urls = read_settings().alerts_urls.get_secret_value()
        if not urls:
            raise Refused("TTV_ALERTS_URLS names no channel; it takes Apprise URLs with spaces between")
        channels = Channels.of(urls)
        taken = channels.send(Message("ttv: a test", "Alerts of ttv_dagster arrive here."))
        for name, took in zip(channels.names(), taken, strict=True):
            out.print(f"{escape(name)}: {'sent' if took else 'NOT sent'}", highlight=False, soft_wrap=True)
        raise typer.Exit(DONE if all(taken) else SOME_FAILED)
