"""What an engine in a child process fails with, as its parent sees it."""

import signal


class EngineFailed(RuntimeError):
    """An engine in a child process failed, or its process ended.

    Attributes:
        kind: Name of the exception's class in the child; empty if the process ended without one.
    """

    def __init__(self, message: str, *, kind: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        if detail:
            self.add_note(detail)  # A traceback shows it below the message.


def how_it_ended(code: int | None) -> str:
    """Say how a process ended.

    Args:
        code: Its exit code, negative for a signal; None if it still runs.
    """
    if code is None:
        return "does not answer"
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:  # A real-time signal.
        name = f"signal {-code}"
    hint = ": the system does this when memory runs out" if name == "SIGKILL" else ""
    return f"was ended by {name}{hint}"
