"""What can go wrong while weights are pulled, one plain sentence each; no message carries a token."""

from ttv_dagster.shots.problems import TtvError


class PullError(TtvError, RuntimeError):
    """Weights were not pulled; the message says why, and what to do.

    Attributes:
        retriable: Whether the same pull may succeed in a moment.
    """

    exit_code = 1

    retriable = False


class Offline(PullError):
    """The Hub cannot be asked: offline mode is on."""


class NoNetwork(PullError):
    """The Hub cannot be reached."""

    retriable = True


class HubBusy(PullError):
    """The Hub answered that it is busy or broken."""

    retriable = True


class Busy(PullError):
    """Another process is changing the repository's files."""

    retriable = True


class Gated(PullError):
    """The license has to be accepted first, with an account on the Hub."""


class NotAllowed(PullError):
    """The Hub refuses the token."""


class NotFound(PullError):
    """The Hub has no such repository or commit, or does not show it."""


class NoRoom(PullError):
    """The disk is too full."""


class NotWritable(PullError):
    """The cache cannot be written."""


class Unsafe(PullError):
    """The repository's weights exist only in a form that runs code when loaded, or its file names leave its folder."""


class WrongBytes(PullError):
    """What arrived is not what the Hub says that it has."""

    retriable = True


class PullBroke(PullError):
    """Something no one foresaw; the message names it."""


KINDS = {kind.__name__: kind for kind in (*PullError.__subclasses__(), PullError)}
"""The kinds by name."""
