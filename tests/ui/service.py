"""A real `ttv ui`, webserver and daemon, with its GraphQL."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.cli.sets import write_set
from tests.support import TTV, ttv

_LAUNCH = """
mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename
  ... on LaunchRunSuccess { run { runId } }
  ... on PythonError { message }
  ... on RunConfigValidationInvalid { errors { message } } } }
"""
_RUN = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
_TERMINATE = "mutation($id: String!) { terminateRun(runId: $id) { __typename } }"
_RUNS = "query { runsOrError { ... on Runs { results { runId status tags { key value } } } } }"
_HEALTH = """
query { instance { daemonHealth { daemonStatus(daemonType: "QUEUED_RUN_COORDINATOR") { healthy } } } }
"""

ENDED = ("SUCCESS", "FAILURE", "CANCELED")


class Service:
    """`ttv ui` on a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = (folder / "ui.log").open("w")
        self.process = subprocess.Popen(
            [*TTV, "ui", "--port", str(self.port)],
            cwd=folder,
            env={**os.environ, "TTV_HOME": str(folder / "home")},
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> None:
        """Until the webserver answers and the daemon takes runs."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.folder / "ui.log").read_text()
            try:
                if self.graphql(_HEALTH)["instance"]["daemonHealth"]["daemonStatus"]["healthy"]:
                    return
            except OSError:
                pass
            time.sleep(0.3)
        raise TimeoutError((self.folder / "ui.log").read_text())

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            answer = json.load(response)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def launch(self, prompt_set: str, *, config: dict[str, Any] | None = None) -> str:
        """Launch the film of a set, as the UI does; the run's id."""
        selector = {
            "repositoryLocationName": "ttv_dagster",
            "repositoryName": "__repository__",
            "pipelineName": "render_film",
        }
        tags = [{"key": "dagster/partition", "value": prompt_set}]
        params = {"selector": selector, "mode": "default", "runConfigData": {"ops": config or {}}}
        answer = self.graphql(_LAUNCH, params={**params, "executionMetadata": {"tags": tags}})["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        run_id: str = answer["run"]["runId"]
        return run_id

    def status(self, run_id: str) -> str:
        found: str = self.graphql(_RUN, id=run_id)["runOrError"]["status"]
        return found

    def wait_for(self, run_id: str, *statuses: str) -> str:
        """Until the run has one of the statuses; which."""
        deadline = time.monotonic() + 120
        while (found := self.status(run_id)) not in statuses:
            assert time.monotonic() < deadline, f"the run is still {found}"
            assert found not in ENDED, f"the run ended: {found}"
            time.sleep(0.2)
        return found

    def terminate(self, run_id: str) -> None:
        self.graphql(_TERMINATE, id=run_id)

    def runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.graphql(_RUNS)["runsOrError"]["results"]
        return found

    def run_of(self, prompt_set: str) -> dict[str, Any] | None:
        """The newest run of a set; None where there is none."""
        keys = ("dagster/partition", "dagster/asset_partition_range_start")
        tags = [{"key": key, "value": prompt_set} for key in keys]
        return next((run for run in self.runs() if any(tag in run["tags"] for tag in tags)), None)

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
