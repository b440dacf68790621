"""Channels: where alerts go, one Apprise URL each."""

from dataclasses import dataclass
from typing import Self

from ttv_dagster.shots.problems import TtvError


class ChannelError(TtvError, RuntimeError):
    """An alert cannot be sent; the message says what to do, and does not contain a secret."""


@dataclass(frozen=True, slots=True)
class Message:
    """One alert."""

    title: str
    body: str


class Channels:
    """The channels of an installation.

    Args:
        urls: Apprise URLs.

    Raises:
        ChannelError: Apprise is not installed, or does not understand one of the URLs.
    """

    def __init__(self, urls: list[str]) -> None:
        try:
            import apprise
        except ImportError:
            raise ChannelError(
                "TTV_ALERTS_URLS is set and Apprise is not installed: pip install 'ttv-dagster[alerts]'"
            ) from None
        self._channels = []
        for number, url in enumerate(urls, 1):
            channel = apprise.Apprise()
            if not channel.add(url):
                # The URL itself is a secret.
                raise ChannelError(f"URL {number} of TTV_ALERTS_URLS is none that Apprise understands")
            self._channels.append(channel)

    @classmethod
    def of(cls, urls: str) -> Self:
        """Return the channels of a setting: URLs separated by spaces."""
        return cls(urls.split())

    def names(self) -> list[str]:
        """Return the channels as people may see them, without what is secret."""
        return [str(channel.urls(privacy=True)[0]) for channel in self._channels]

    def send(self, message: Message) -> list[bool]:
        """Send a message to every channel; return whether each accepted it."""
        return [bool(channel.notify(title=message.title, body=message.body)) for channel in self._channels]
