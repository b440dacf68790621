"""The process that downloads: it ends at once when the one that started it is interrupted or dies.

A download in a thread continues until its file is complete, whatever happens to its caller.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from glob import escape
from pathlib import Path
from typing import IO, cast

from ttv_dagster.weights.errors import KINDS, PullBroke, PullError
from ttv_dagster.weights.hub import Hub, without_secrets

POLL_SECONDS = 0.25

WORKERS = 8
"""Files that are downloaded at once."""


def fetch(hub: Hub, repository: str, commit: str, files: Sequence[str], on_wait: Callable[[], None]) -> None:
    """Download files of a repository into the cache, in a separate process.

    Args:
        hub: The Hub to download from, and the cache to download to.
        repository: The repository.
        commit: The commit.
        files: Paths in the repository.
        on_wait: Called a few times per second; what it raises ends the download.

    Raises:
        PullError: They did not all arrive.
    """
    order = {
        "repository": repository, "commit": commit, "files": list(files),
        "endpoint": hub.endpoint, "cache": str(hub.cache),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "ttv_dagster.weights.fetch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Nothing about this installation is sent to the Hub.
        env={**os.environ, "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
        # An interrupt from the terminal reaches the process that waits, which ends this one.
        start_new_session=True,
    )
    stdin, stdout, stderr = (cast(IO[str], pipe) for pipe in (process.stdin, process.stdout, process.stderr))
    errors: list[str] = []
    reader = threading.Thread(target=errors.extend, args=(stderr,), daemon=True)
    reader.start()
    try:
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        while True:
            try:
                process.wait(POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                on_wait()
        said = stdout.read()
    finally:
        process.kill()
        process.wait()
        reader.join()
        for pipe in (stdin, stdout, stderr):
            pipe.close()
    if process.returncode:
        try:
            answer = json.loads(said.splitlines()[-1])
            kind, message = KINDS[answer["kind"]], answer["message"]
        except (ValueError, LookupError):
            last = without_secrets(errors[-1]) if errors else f"exit code {process.returncode}"
            raise PullBroke(f"{repository}: the download ended: {last}") from None
        raise kind(message)


def _end_with_parent() -> None:
    """End this process with its parent, which keeps the pipe open while it lives."""
    while os.read(0, 1 << 12):
        pass
    os._exit(1)


def main() -> None:
    """Download what the request on stdin names; print what went wrong on stdout."""
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    hub = Hub(order["endpoint"], Path(order["cache"]))
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.utils import logging

        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        snapshot_download(
            order["repository"],
            revision=order["commit"],
            allow_patterns=[escape(path) for path in order["files"]],
            cache_dir=order["cache"],
            endpoint=order["endpoint"],
            max_workers=WORKERS,
        )
    except Exception as error:
        broke = error if isinstance(error, PullError) else hub.explain(order["repository"], error)
        print(json.dumps({"kind": type(broke).__name__, "message": str(broke)}), flush=True)
        os._exit(1)
    # Not by the usual way out, which waits for the thread that reads.
    os._exit(0)


if __name__ == "__main__":
    main()
