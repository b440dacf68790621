"""A real `ttv ui`, webserver and daemon, with its GraphQL."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.cli.sets import write_set
from tests.dagster_api import DagsterApi
from tests.support import TTV, ttv


class Service(DagsterApi):
    """`ttv ui` on a home of its own."""

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        super().__init__(f"http://127.0.0.1:{self.port}")
        self.output = (folder / "ui.log").open("a")
        self.process = subprocess.Popen(
            [*TTV, "ui", "--port", str(self.port)],
            cwd=folder,
            env={**os.environ, "TTV_HOME": str(folder / "home"), **(env or {})},
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> None:
        """Until the webserver answers and the daemon takes runs."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.folder / "ui.log").read_text()
            if self.takes_runs():
                return
            time.sleep(0.3)
        raise TimeoutError((self.folder / "ui.log").read_text())

    def add(self, name: str, *shots: dict[str, Any], **defaults: Any) -> None:
        """Add a set with `ttv add`; its prompts are its own, so that none of its clips is there yet."""
        own = [{"prompt": f"{name} {shot['id']}", **shot} for shot in shots]
        done = ttv("add", write_set(self.folder / f"{name}.yaml", *own, **defaults), cwd=self.folder)
        assert done.returncode == 0, done.stderr

    def clips(self, name: str) -> dict[str, str]:
        """The status of each shot in the manifest of a set."""
        import pandas as pd

        table = pd.read_parquet(self.folder / "home" / "tables" / "clips" / f"{name}.parquet")
        return dict(zip(table["shot"], table["status"], strict=True))

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Ask `ttv ui` to end, and wait until it has."""
        self.process.send_signal(number)
        self.process.wait(90)
        self.output.close()
