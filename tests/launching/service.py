"""A real webserver, daemon and code server that launch runs with the routing launcher, on a Docker engine."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from tests.dagster_api import DagsterApi
from tests.docker.engine import Engine

ROOT = Path(__file__).parents[2]
JOBS = Path(__file__).parent / "jobs.py"
INSTALLATION = "test"
STOP_SECONDS = 5
MONITORING_SECONDS = 2


class LaunchingService(DagsterApi):
    """`dagster dev` on `jobs.py`; its containers have this machine's Python and packages mounted."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self.engine = engine
        self.home = folder / "dagster"
        self.home.mkdir()
        (self.home / "dagster.yaml").write_text(yaml.safe_dump(self._settings()))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        super().__init__(f"http://127.0.0.1:{self.port}", location="jobs.py")
        with self.instance() as instance:
            instance.event_log_storage.set_concurrency_slots("gpu", 2)
        self._output = (folder / "dagster.log").open("w")
        self._process: subprocess.Popen[bytes] | None = None

    def _settings(self) -> dict[str, Any]:
        shown = {sys.prefix, sys.base_prefix, str(ROOT)}
        volumes = [f"{path}:{path}:ro" for path in sorted(shown)] + [f"{self.folder}:{self.folder}"]
        cuda = {
            "module": "dagster_docker",
            "class": "DockerRunLauncher",
            "gpus": {"env": "TEST_GPUS"},
            "config": {
                "image": self.engine.base_image(),
                "env_vars": [
                    "PLACE=cuda",
                    f"PATH={sys.prefix}/bin:/usr/bin:/bin",
                    f"DAGSTER_HOME={self.home}",
                    f"PYTHONPATH={ROOT}",
                ],
                "container_kwargs": {
                    "volumes": volumes,
                    "init": True,
                    "shm_size": {"env": "TEST_SHM_SIZE"},
                    "ipc_mode": {"env": "TEST_IPC_MODE"},
                    "mem_limit": "400m",
                    "stop_timeout": STOP_SECONDS,
                    "labels": {"studio": "yes"},
                    "network_mode": "none",
                },
            },
        }
        return {
            "telemetry": {"enabled": False},
            "run_launcher": {
                "module": "ttv_dagster.launching",
                "class": "RoutingRunLauncher",
                "config": {
                    "installation": INSTALLATION,
                    "default": {"module": "dagster", "class": "DefaultRunLauncher"},
                    "routes": {"cuda": cuda},
                },
            },
            "concurrency": {"pools": {"granularity": "run"}},
            "run_coordinator": {
                "module": "dagster.core.run_coordinator",
                "class": "QueuedRunCoordinator",
                "config": {"dequeue_interval_seconds": 1},
            },
            "run_monitoring": {
                "enabled": True,
                "poll_interval_seconds": MONITORING_SECONDS,
                "start_timeout_seconds": 120,
                "free_slots_after_run_end_seconds": 5,
            },
        }

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            **self.engine.env,
            "DAGSTER_HOME": str(self.home),
            "TEST_GPUS": "0;1,2",
            "TEST_SHM_SIZE": "64m",
            "TEST_IPC_MODE": "",
        }

    def instance(self) -> dg.DagsterInstance:
        return dg.DagsterInstance.from_config(str(self.home))

    def start(self) -> None:
        """Start it, and wait until it takes runs."""
        command = [sys.executable, "-m", "dagster", "dev", "-f", str(JOBS), "-p", str(self.port), "-h", "127.0.0.1"]
        self._process = subprocess.Popen(
            command, cwd=self.folder, env=self.env, stdout=self._output, stderr=self._output, start_new_session=True
        )
        deadline = time.monotonic() + 120
        while not self.takes_runs():
            assert self._process.poll() is None, self.printed()
            assert time.monotonic() < deadline, self.printed()
            time.sleep(0.3)

    def printed(self) -> str:
        return (self.folder / "dagster.log").read_text()[-8000:]

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(90)
        with self.instance() as instance:
            instance.wipe_daemon_heartbeats()

    def kill(self, what: str) -> None:
        """Kill those of its processes whose command has these words."""
        assert self._process is not None
        listed = subprocess.run(["ps", "-e", "-o", "pid=,sid=,args="], capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            pid, session, command = line.split(maxsplit=2)
            if int(session) == self._process.pid and what in command:
                os.kill(int(pid), signal.SIGKILL)

    def start_op(self, job: str, **how: Any) -> str:
        """Launch a job of one op that ends as told; the run's id."""
        return self.launch(job=job, config={job.removesuffix("_job"): {"config": how}})

    def container(self, run_id: str) -> dict[str, Any] | None:
        """The container of a run as the engine tells of it; None where there is none."""
        return self.engine.container(f"dagster/run_id={run_id}")

    def sweep(self) -> str:
        """Let the reaper look at everything once; what it said."""
        code = (
            "import logging, dagster as dg; from ttv_dagster.launching.reaper import sweep\n"
            "logging.basicConfig(level='INFO')\n"
            "with dg.DagsterInstance.get() as i: print(sweep(i.run_launcher, i))"
        )
        done = subprocess.run([sys.executable, "-c", code], env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout
