"""The processes of an engine under test."""

import time

import psutil


def workers(parent: int | None = None) -> list[psutil.Process]:
    """FastVideo's workers below a process; this one where none is named."""
    below = psutil.Process(parent).children(recursive=True)
    return [process for process in below if "spawn_main" in " ".join(_command(process))]


def hosts(parent: int | None = None) -> list[psutil.Process]:
    """The processes below it that hold a generator."""
    below = psutil.Process(parent).children(recursive=True)
    return [process for process in below if any("fastvideo.host" in part for part in _command(process))]


def end_within(processes: list[psutil.Process], seconds: float) -> bool:
    """Whether all of them end in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes):
            return True
        time.sleep(0.1)
    return False


def _command(process: psutil.Process) -> list[str]:
    try:
        command: list[str] = process.cmdline()
    except psutil.Error:
        return []
    return command
