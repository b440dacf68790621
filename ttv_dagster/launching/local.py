"""Whether the processes of local runs still live: the launcher of Dagster's that starts them cannot say."""

import json
import time

from dagster import DagsterRun
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value

SERVER_TAG = ".dagster/grpc_info"
"""The code server that runs it, as Dagster's `DefaultRunLauncher` writes it down."""

PATIENCE_SECONDS = 30
"""Seconds that a code server may be unreachable before its runs count as dead."""


class LocalRuns:
    """Asks the code server that runs a local run."""

    def __init__(self) -> None:
        self._unreachable_since: dict[str, float] = {}

    def health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Return whether the run's process lives.

        A code server that answers and does not know the run was started again, and its runs died with the one before.
        One that does not answer for a while is down, and its runs with it.
        """
        said = run.tags.get(SERVER_TAG)
        if said is None:
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, msg="No code server ever took this run.")
        server = json.loads(said)
        where = server.get("socket") or f"{server['host']}:{server['port']}"
        client = DagsterGrpcClient(
            port=server.get("port"),
            socket=server.get("socket"),
            host=server.get("host", "localhost"),
            use_ssl=bool(server.get("use_ssl", False)),
        )
        try:
            answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id), timeout=10)
        except DagsterUserCodeUnreachableError:
            since = self._unreachable_since.setdefault(run.run_id, time.monotonic())
            if time.monotonic() - since < PATIENCE_SECONDS:
                return CheckRunHealthResult(
                    WorkerStatus.RUNNING, msg=f"The code server {where} does not answer at the moment."
                )
            return CheckRunHealthResult(
                WorkerStatus.FAILED, msg=f"The code server {where}, which ran this run, does not answer anymore."
            )
        self._unreachable_since.pop(run.run_id, None)
        if deserialize_value(answer, CanCancelExecutionResult).can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(
            WorkerStatus.FAILED,
            msg=f"The code server {where} was restarted while this run was in progress, which ended its process.",
        )
