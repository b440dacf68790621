"""The whole of docker-compose.yml, up on the tests' own engine with the images that the Dockerfile builds."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.dagster_api import DagsterApi
from tests.docker.engine import FOLDER, Engine

ROOT = Path(__file__).parents[2]
PROJECT = "ttvtest"
TORCH = "torch==2.13.0"
USER, PASSWORD = "studio", "open sesame"
STOP_SECONDS = 20
SHM_BYTES = 64 << 20


def compose_command() -> list[str]:
    """Compose, version 2: beside this Python where `.ci/run` put it, or the plugin of Docker."""
    beside = Path(sys.executable).parent / "docker-compose"
    return [str(beside)] if beside.exists() else ["docker", "compose"]


def compose(*arguments: str, env: dict[str, str], input: bytes | None = None, timeout: float = 300) -> str:
    """Run Compose in the project's folder; what it printed on stdout."""
    done = subprocess.run(
        [*compose_command(), *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        input=input,
        timeout=timeout,
        check=False,
    )
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    assert done.returncode == 0, f"compose {' '.join(arguments)[:200]}: {done.returncode}\n{out[-3000:]}\n{err[-6000:]}"
    return out


def build_images(engine: Engine) -> dict[str, str]:
    """Build both targets of the Dockerfile, and what stands for PostgreSQL, HAProxy and Prometheus; what each
    build printed.

    The render target gets the packages of the app target: where the tests run, there is no CUDA.
    """
    base = engine.base_image()
    bases = ["--build-arg", f"APP_BASE={base}", "--build-arg", f"RENDER_BASE={base}"]
    cpu = ["--build-arg", "PYTHON=3.11", "--build-arg", "REQUIREMENTS=docker.txt", "--build-arg", "IMPORTS=numpy"]
    here = Path(__file__).parent
    services: list[str | Path] = ["--build-arg", f"BASE={base}", "--file", here / "services.Dockerfile", here]
    builds: dict[str, list[str | Path]] = {
        "haproxy": services,
        "postgres": services,
        "prometheus": services,
        "app": [*bases, ROOT],
        "render": [*bases, *cpu, ROOT],
    }
    return {
        target: engine.docker("build", "--target", target, "--tag", image(target), *arguments)
        for target, arguments in builds.items()
    }


def build_cpu_image(engine: Engine) -> str:
    """The render image with FastVideo as it runs on a CPU: its name."""
    packages = FOLDER / "packages"
    packages.mkdir(exist_ok=True)
    shutil.copyfile(ROOT / "requirements" / "dev.txt", packages / "dev.txt")
    if not list(packages.glob("torch-*.whl")):
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(packages), TORCH]
        subprocess.run(download, check=True, capture_output=True, timeout=600)
    engine.docker(
        "build", "--target", "uv", "--tag", image("uv"), "--build-arg", f"APP_BASE={engine.base_image()}", ROOT
    )
    images = ["--build-arg", f"RENDER={image('render')}", "--build-arg", f"UV={image('uv')}"]
    file = Path(__file__).parent / "cpu.Dockerfile"
    engine.docker("build", "--tag", image("cpu"), *images, "--file", file, packages)
    return image("cpu")


def image(target: str) -> str:
    """The image of a target."""
    return f"ttv-test-{target}"


def _document(name: str, *shots: dict[str, Any], **defaults: Any) -> str:
    own = [{"prompt": f"{name} {shot['id']}", **shot} for shot in shots]
    return json.dumps({"name": name, "defaults": defaults, "shots": own})


class Stack(DagsterApi):
    """The services; by default with the profile `gpu`, and the noise engine of the tests in place of a GPU's.

    Args:
        engine: Where they run.
        inbox: The folder that is their inbox.
        project: What Compose calls them.
        settings: What is otherwise in their `.env`.
    """

    def __init__(self, engine: Engine, inbox: Path, *, project: str = PROJECT, **settings: str) -> None:
        word = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        super().__init__(f"http://127.0.0.1:{port}", headers={"Authorization": f"Basic {word}"})
        self.engine = engine
        self.inbox = inbox
        self.env = {
            **engine.env,
            "COMPOSE_PROJECT_NAME": project,
            "COMPOSE_FILE": "docker-compose.yml:docker-compose.dev.yml",
            "COMPOSE_PROFILES": "gpu",
            "TTV_USER": USER,
            "TTV_PASSWORD": PASSWORD,
            "TTV_POSTGRES_PASSWORD": "p@ss:word",
            "TTV_PORT": str(port),
            "TTV_APP_IMAGE": image("app"),
            "TTV_RENDER_IMAGE": image("render"),
            "TTV_POSTGRES_IMAGE": image("postgres"),
            "TTV_HAPROXY_IMAGE": image("haproxy"),
            "TTV_DOCKER_SOCKET": str(engine.socket),
            "TTV_SOURCE": str(ROOT / "tests" / "plugins"),
            "TTV_RENDER_SHM_SIZE": "64m",
            "TTV_RENDER_MEMORY": "1g",
            "TTV_RENDER_STOP_SECONDS": str(STOP_SECONDS),
            "TTV_PROMETHEUS_IMAGE": image("prometheus"),
            "TTV_INBOX": str(inbox),
            "TTV_ENGINE": "noise",
            **settings,
        }

    def compose(self, *arguments: str, input: bytes | None = None) -> str:
        return compose(*arguments, env=self.env, input=input)

    def up(self) -> None:
        """Start everything, and wait until it takes runs."""
        self.compose("up", "--detach", "--no-build")
        self.wait()

    def wait(self) -> None:
        """Until it takes runs."""
        deadline = time.monotonic() + 120
        while not self.takes_runs():
            assert time.monotonic() < deadline, self.compose("logs", "--tail", "40")
            time.sleep(0.5)

    def down(self) -> None:
        self.compose("down", "--volumes", "--timeout", "10")

    def shell(self, command: str, *, input: bytes | None = None) -> str:
        """Run a command beside the code server."""
        service = f"code-{self.env['COMPOSE_PROFILES']}"
        return self.compose("exec", "-T", service, "sh", "-ec", command, input=input)

    def add(self, name: str, *shots: dict[str, Any], **defaults: Any) -> None:
        """Add a set whose prompts are its own, so that none of its clips is there yet."""
        document = _document(name, *shots, engine="noise", **defaults)
        self.shell(f"cat > /tmp/{name}.yaml && ttv add /tmp/{name}.yaml", input=document.encode())

    def drop(self, name: str, *shots: dict[str, Any], **defaults: Any) -> dict[str, Any]:
        """Drop a set into the inbox, as a person on this machine does; the run that it starts."""
        (self.inbox / f"{name}.yaml").write_text(_document(name, *shots, **defaults))
        return self.wait_for_run(name)

    def wait_for_run(self, name: str, *, other_than: str = "") -> dict[str, Any]:
        """Until there is another run of a set; it."""
        deadline = time.monotonic() + 120
        while (run := self.run_of(name)) is None or run["runId"] == other_than:
            assert time.monotonic() < deadline, self.compose("logs", "--tail", "40", "daemon")
            time.sleep(0.5)
        return run

    def clips(self, name: str) -> dict[str, str]:
        """The status of each shot in the manifest of a set."""
        code = (
            "import json, pandas as pd; "
            f"t = pd.read_parquet('/var/lib/ttv/tables/clips/{name}.parquet'); "
            "print(json.dumps(dict(zip(t['shot'], t['status']))))"
        )
        found: dict[str, str] = json.loads(self.shell(f'python -c "{code}"'))
        return found

    def container(self, run_id: str) -> dict[str, Any] | None:
        """The container of a run as the engine tells of it; None where there is none."""
        return self.engine.container(f"dagster/run_id={run_id}")

    def whole_clips(self) -> set[str]:
        """The clips in the media store."""
        return set(self.shell("cd /var/lib/ttv/media; find . -path './clips/*' -name '*.mp4'").split())

    def wait_for_render(self, run_id: str, published: int = 0) -> dict[str, Any]:
        """Until the run renders, and has published so many clips; its container."""
        before = self.whole_clips()
        deadline = time.monotonic() + 180
        while "to render" not in self.said(run_id) or len(self.whole_clips() - before) < published:
            assert time.monotonic() < deadline, self.said(run_id)
            time.sleep(0.3)
        container = self.container(run_id)
        assert container is not None
        return container

    def wait_until_reaped(self, run_id: str) -> None:
        """Until nothing is left of the run's container."""
        deadline = time.monotonic() + 60
        while self.container(run_id) is not None:
            assert time.monotonic() < deadline, self.compose("logs", "reaper", "--tail", "40")
            time.sleep(0.5)
