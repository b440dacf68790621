"""What the tests ask of a Dagster webserver, over GraphQL as its UI does."""

import json
import time
import urllib.request
from typing import Any

_LAUNCH = """
mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename
  ... on LaunchRunSuccess { run { runId } }
  ... on PythonError { message }
  ... on RunConfigValidationInvalid { errors { message } } } }
"""
_RUN = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status tags { key value } } } }"
_SAID = """
query($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
  ... on MessageEvent { message }
  ... on ErrorEvent { error { message } } } } } }
"""
_TERMINATE = "mutation($id: String!) { terminateRun(runId: $id) { __typename } }"
_RUNS = "query { runsOrError { ... on Runs { results { runId status tags { key value } } } } }"
_HEALTH = """
query { instance { daemonHealth { daemonStatus(daemonType: "QUEUED_RUN_COORDINATOR") { healthy } } } }
"""

ENDED = ("SUCCESS", "FAILURE", "CANCELED")


class DagsterApi:
    """The webserver at a URL."""

    def __init__(self, url: str, *, location: str = "ttv_dagster", headers: dict[str, str] | None = None) -> None:
        self.url = url
        self._location = location
        self.headers = {"Content-Type": "application/json", **(headers or {})}

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, self.headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310
            answer = json.load(response)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def takes_runs(self) -> bool:
        """Whether the webserver answers, and a daemon takes runs."""
        try:
            return bool(self.graphql(_HEALTH)["instance"]["daemonHealth"]["daemonStatus"]["healthy"])
        except (OSError, ValueError):
            return False

    def launch(
        self,
        prompt_set: str | None = None,
        *,
        job: str = "render_film",
        config: dict[str, Any] | None = None,
    ) -> str:
        """Launch a job, as the UI does; the run's id."""
        selector = {
            "repositoryLocationName": self._location,
            "repositoryName": "__repository__",
            "pipelineName": job,
        }
        tags = [{"key": "dagster/partition", "value": prompt_set}] if prompt_set else []
        params = {"selector": selector, "mode": "default", "runConfigData": {"ops": config or {}}}
        answer = self.graphql(_LAUNCH, params={**params, "executionMetadata": {"tags": tags}})["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        run_id: str = answer["run"]["runId"]
        return run_id

    def status(self, run_id: str) -> str:
        found: str = self.graphql(_RUN, id=run_id)["runOrError"]["status"]
        return found

    def tags(self, run_id: str) -> dict[str, str]:
        return {tag["key"]: tag["value"] for tag in self.graphql(_RUN, id=run_id)["runOrError"]["tags"]}

    def said(self, run_id: str) -> str:
        """Everything in the run's log, errors included."""
        events = self.graphql(_SAID, id=run_id)["logsForRun"]["events"]
        return "\n".join(
            f"{event['message']} {(event.get('error') or {}).get('message', '')}" for event in events if event
        )

    def wait_for(self, run_id: str, *statuses: str, timeout: float = 240) -> str:
        """Until the run has one of the statuses; which."""
        deadline = time.monotonic() + timeout
        while (found := self.status(run_id)) not in statuses:
            assert time.monotonic() < deadline, f"the run is still {found}\n{self.said(run_id)}"
            assert found not in ENDED, f"the run ended: {found}\n{self.said(run_id)}"
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
