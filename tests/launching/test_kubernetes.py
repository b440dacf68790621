"""A run launcher of another class, by configuration alone: that of Kubernetes."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.launcher import WorkerStatus

JOBS = Path(__file__).parent / "jobs.py"


class ApiServer(ThreadingHTTPServer):
    """Stands for a cluster, which cannot be had here: keeps the jobs that it is asked for, and runs none."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.jobs: dict[str, dict[str, Any]] = {}


class Answers(BaseHTTPRequestHandler):
    server: ApiServer

    def _answer(self, code: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _job(self) -> dict[str, Any] | None:
        name = self.path.partition("?")[0].removesuffix("/status").rpartition("/")[2]
        return self.server.jobs.get(name)

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or b"{}")
        return body

    def do_POST(self) -> None:
        assert self.path.startswith("/apis/batch/v1/namespaces/studio/jobs")
        job = self._body()
        self.server.jobs[job["metadata"]["name"]] = {**job, "status": {"active": 1}}
        self._answer(201, job)

    def do_GET(self) -> None:
        if "/pods" in self.path:
            self._answer(200, {"items": []})
            return
        job = self._job()
        self._answer(200 if job else 404, job or {})

    def do_DELETE(self) -> None:
        self._body()
        job = self._job()
        if job:
            del self.server.jobs[job["metadata"]["name"]]
        self._answer(200 if job else 404, {})

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def cluster() -> Iterator[ApiServer]:
    with ApiServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def home(tmp_path: Path, cluster: ApiServer) -> Path:
    """A Dagster whose `dagster.yaml` sends `cuda` to Kubernetes."""
    context = {"name": "here", "context": {"cluster": "here", "user": "me"}}
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": {"server": f"http://127.0.0.1:{cluster.server_port}"}}],
        "users": [{"name": "me", "user": {}}],
        "contexts": [context],
        "current-context": "here",
    }
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
    kubernetes = {
        "job_namespace": "studio",
        "job_image": "ttv-render",
        "service_account_name": "ttv",
        "instance_config_map": "dagster-instance",
        "dagster_home": "/var/lib/ttv/dagster",
        "load_incluster_config": False,
        "kubeconfig_file": str(tmp_path / "kubeconfig"),
        "run_k8s_config": {"container_config": {"resources": {"limits": {"nvidia.com/gpu": "1"}}}},
    }
    launcher = {
        "module": "ttv_dagster.launching",
        "class": "RoutingRunLauncher",
        "config": {
            "default": {"module": "dagster", "class": "DefaultRunLauncher"},
            "routes": {"cuda": {"module": "dagster_k8s", "class": "K8sRunLauncher", "config": kubernetes}},
        },
    }
    settings = {
        "telemetry": {"enabled": False},
        "run_launcher": launcher,
        "run_coordinator": {"module": "dagster.core.run_coordinator", "class": "DefaultRunCoordinator"},
    }
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(settings))
    return tmp_path


def launch(home: Path, job: str) -> None:
    command = [sys.executable, "-m", "dagster", "job", "launch", "-f", str(JOBS), "-j", job]
    env = {**os.environ, "DAGSTER_HOME": str(home)}
    done = subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_run_that_asks_for_cuda_becomes_a_job_of_the_cluster_and_is_looked_after_there(
    home: Path, cluster: ApiServer
) -> None:
    launch(home, "heavy_job")
    (job,) = cluster.jobs.values()
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "ttv-render"
    assert container["resources"] == {"limits": {"nvidia.com/gpu": "1"}}
    with dg.DagsterInstance.from_config(str(home)) as instance:
        (run,) = instance.get_runs()
        assert run.tags["ttv/launcher"] == "cuda"
        assert run.run_id in str(job["metadata"])
        assert instance.run_launcher.check_run_worker_health(run).status == WorkerStatus.RUNNING
        assert instance.run_launcher.terminate(run.run_id)
        assert cluster.jobs == {}


def test_a_run_that_asks_for_nothing_stays_out_of_the_cluster(home: Path, cluster: ApiServer) -> None:
    launch(home, "light_job")
    assert cluster.jobs == {}
    with dg.DagsterInstance.from_config(str(home)) as instance:
        (run,) = instance.get_runs()
        assert run.tags["ttv/launcher"] == "default"
