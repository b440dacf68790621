"""Ways to run things as they go wrong in the world."""

import json
import os
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

TTV = [sys.executable, "-m", "ttv_dagster.cli"]


def ttv(
    *arguments: str | Path, cwd: Path, env: dict[str, str] | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run `ttv` as a user would, in a process of its own."""
    return subprocess.run(
        [*TTV, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "TTV_HOME": str(cwd / "home"), "COLUMNS": "200", **(env or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def ttv_json(
    *arguments: str | Path, cwd: Path, env: dict[str, str] | None = None, code: int = 0, timeout: float = 120
) -> dict[str, Any]:
    """Run `ttv … --json`, which must end with `code`; the one document on its stdout."""
    done = ttv(*arguments, "--json", cwd=cwd, env=env, timeout=timeout)
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@cache
def _can_mount() -> bool:
    probe = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def on_small_disk(folder: Path, kilobytes: int, command: list[str]) -> list[str]:
    """The command, run where `folder` is a disk of that size.

    It is a tmpfs in a mount namespace of the command's own; where this machine allows no such thing, a limit on the
    size of every file stands for the disk.
    """
    run = shlex.join(command)
    if _can_mount():
        mount = f"mount -t tmpfs -o size={kilobytes}k tmpfs {shlex.quote(str(folder))}"
        return ["unshare", "--map-root-user", "--mount", "sh", "-c", f"{mount} && {run}"]
    return ["bash", "-c", f"ulimit -f {kilobytes}; {run}"]
